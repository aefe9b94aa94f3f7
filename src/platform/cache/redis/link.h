// One connection to Redis, used on its own loop only. Many commands are under way at once; answers
// come in their order, so an answer that is late still goes to the command it is for.
#pragma once

#include "platform/cache/redis/command.h"
#include "platform/cache/redis/reply.h"
#include "platform/cache/redis/stream.h"
#include "platform/cache/redis_address.h"
#include "platform/core/event.h"
#include "platform/core/task.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace souk::cache::on_redis {

// A command under way. `reply` is written before `done` is set, and only read after; none: it is
// not known what became of the command.
struct Call {
    explicit Call(Command what) : command(std::move(what)) {}

    const Command command;
    core::Event done;
    std::optional<Reply> reply;
};

struct LinkPatience {
    std::chrono::milliseconds connect{3000};
    // While an answer is owed; then the connection is given up.
    std::chrono::milliseconds silence{1000};
};

class Link : public std::enable_shared_from_this<Link> {
public:
    Link(boost::asio::io_context& context, RedisAddress address, LinkPatience patience);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Connects, says who we are, and pings. Throws when that fails. To be called once.
    core::Task<> open();

    // One command by itself, between open() and serve(). Throws when it has no answer or an error.
    core::Task<Reply> ask(Command command);

    // Brings answers to their calls until the connection is lost; returns why.
    core::Task<std::string> serve();

    void send(std::shared_ptr<Call> call);  // at once without a reply when it cannot be sent

    void close(std::string why);  // calls under way end without a reply

private:
    using Clock = std::chrono::steady_clock;
    struct Waiting {
        std::shared_ptr<Call> call;
        Clock::time_point due;
    };

    core::Task<> greet();
    core::Task<> receive();
    void accept(Reply reply);
    static core::Task<> write_out(std::shared_ptr<Link> link);
    std::optional<Clock::time_point> next_due() const;
    void watch_clock();

    boost::asio::io_context& context_;
    const RedisAddress address_;
    const LinkPatience patience_;
    Stream stream_;
    ReplyReader reader_;
    std::array<char, 65'536> incoming_;

    std::string unsent_;
    std::string sending_;
    bool is_writing_ = false;
    std::deque<Waiting> waiting_;

    boost::asio::steady_timer clock_;
    bool is_clock_running_ = false;
    std::optional<Clock::time_point> connect_due_;
    bool is_open_ = true;
    std::string lost_because_;
};

}  // namespace souk::cache::on_redis
