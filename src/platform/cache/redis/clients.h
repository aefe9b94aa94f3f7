// Redis as any event loop asks it: over a client for each loop that does, made when it first asks.
#pragma once

#include "platform/cache/redis/client.h"
#include "platform/cache/redis/command.h"
#include "platform/cache/redis/reply.h"
#include "platform/cache/redis/server.h"
#include "platform/core/task.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace souk::cache::on_redis {

class Clients : public std::enable_shared_from_this<Clients> {
public:
    explicit Clients(std::shared_ptr<Server> server) : server_(std::move(server)) {}

    // nullopt: there is no answer, or an error; it has been logged. May be awaited after close().
    static core::Task<std::optional<Reply>> ask(std::shared_ptr<Clients> clients, Command command);

    // On the loop, before it asks: connects already.
    void open(boost::asio::io_context& loop, std::function<void()> connected);

    // Any thread. Soon nobody waits any more, and nobody is connected again. Loops may end before
    // this and after.
    void close();

    bool is_up() const { return server_->circuit.is_up(); }
    const std::string& description() const { return server_->description; }

private:
    class OfLoop;

    // Of this loop, which is the caller's; null when all were closed.
    Client* of(boost::asio::io_context& loop);

    const std::shared_ptr<Server> server_;
    std::mutex mutex_;
    bool is_closed_ = false;
    std::set<boost::asio::io_context*> loops_;  // which have a client; one that ends leaves
};

}  // namespace souk::cache::on_redis
