// Redis as one event loop asks it: over a connection of its own that is made again in the
// background.
#pragma once

#include "platform/cache/redis/link.h"
#include "platform/cache/redis/server.h"
#include "platform/core/task.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace souk::cache::on_redis {

// Used on its loop only.
class Client : public std::enable_shared_from_this<Client> {
public:
    // `connected` is called after every connect.
    Client(boost::asio::io_context& context, std::shared_ptr<Server> server,
           std::function<void()> connected);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start();

    // Null while it is not connected and does not try to be.
    Link* link() { return link_.get(); }

    void close();    // who waits goes on without an answer, and it connects no more
    void abandon();  // the loop ends: nobody who waits goes on

private:
    static core::Task<> stay_connected(std::shared_ptr<Client> client);
    core::Task<> serve_once();
    void note_connected();
    void note_lost();
    void note_absent(const std::string& why);
    core::Task<> rest(std::chrono::milliseconds length);

    boost::asio::io_context& context_;
    const std::shared_ptr<Server> server_;
    const std::function<void()> connected_;
    std::shared_ptr<Link> link_;
    boost::asio::steady_timer timer_;
    bool is_connected_ = false;
    bool is_closed_ = false;
};

}  // namespace souk::cache::on_redis
