// Redis as the cache asks it: within a deadline, not at all for a while after a failure, and over a
// connection that is made again in the background.
#pragma once

#include "platform/cache/redis/circuit.h"
#include "platform/cache/redis/command.h"
#include "platform/cache/redis/link.h"
#include "platform/cache/redis_address.h"
#include "platform/core/task.h"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace souk::cache::on_redis {

struct Patience {
    std::chrono::milliseconds answer{50};
    std::chrono::milliseconds after_failure{1000};  // nothing is asked
    std::chrono::milliseconds reconnect_max{5000};  // the longest pause between two attempts
    LinkPatience link;
};

class Client {
public:
    // `context` is run by one thread, and no longer when the client is destroyed. `connected` is
    // called there after every connect.
    Client(boost::asio::io_context& context, RedisAddress address, const core::Clock& clock,
           Patience patience, std::function<void()> connected);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start();

    // nullopt: there is no answer, or an error; it has been logged. Any loop. The command is on its
    // way when this returns, before the task is awaited; the task may outlive the client.
    core::Task<std::optional<Reply>> ask(Command command);

    bool is_up() const { return circuit_->may_ask(); }
    const std::string& description() const { return *description_; }

private:
    static core::Task<std::optional<Reply>> refuse();
    core::Task<> stay_connected();
    core::Task<std::string> connect_once();  // until it is lost; why
    void note_lost(const std::string& why);

    boost::asio::io_context& context_;
    const RedisAddress address_;
    const Patience patience_;
    const std::function<void()> connected_;
    const std::shared_ptr<Circuit> circuit_;
    const std::shared_ptr<const std::string> description_;

    std::shared_ptr<Link> link_;  // of the loop, like what follows; null while there is none
    std::chrono::milliseconds pause_{};
    bool is_lost_known_ = false;  // has been logged
};

}  // namespace souk::cache::on_redis
