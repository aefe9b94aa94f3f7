// One connection to Redis, used on its own loop only. Many commands are under way at once; answers
// come in their order, so an answer that is late still goes to the command it is for.
#pragma once

#include "platform/cache/redis/command.h"
#include "platform/cache/redis/reply.h"
#include "platform/cache/redis/server.h"
#include "platform/cache/redis/stream.h"
#include "platform/core/task.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace souk::cache::on_redis {

// What became of a command.
struct Outcome {
    enum class Kind {
        answered,
        late,    // there was no answer in time
        lost,    // the connection was, or too much is under way
        unasked  // or who asked has given up
    };

    Kind kind = Kind::unasked;
    Reply reply;  // when answered; may be an error
};

class Link : public std::enable_shared_from_this<Link> {
public:
    Link(boost::asio::io_context& context, std::shared_ptr<const Server> server);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Connects, says who we are, and pings. Throws when that fails. To be called once.
    core::Task<> open();

    // One command by itself, between open() and serve(). Throws when it has no answer or an error.
    core::Task<Reply> ask_alone(Command command);

    // Brings answers to those who ask until the connection is lost; returns why.
    core::Task<std::string> serve();

    // All commands of one turn of the loop leave together. Who asks before it is open waits for
    // that, no longer than for an answer. Until then the link has to stay.
    core::Task<Outcome> ask(Command command);

    void close(std::string why);  // who waits goes on without an answer

    void abandon();  // the loop ends: nobody who waits goes on

private:
    using Clock = std::chrono::steady_clock;
    using Handler = boost::asio::async_result<boost::asio::use_awaitable_t<core::Executor>,
                                              void(Outcome)>::handler_type;
    struct Waiting {
        std::optional<Handler> handler;  // none: nobody any more
        Fits fits;
        Clock::time_point asked;
    };

    core::Task<> greet();
    core::Task<std::string_view> receive();
    void send(const Command& command, Handler handler);
    void accept(Reply reply);
    void wake(Waiting& who, Outcome outcome) noexcept;
    void wake_late(Clock::time_point now);
    void break_off(std::uint64_t number);
    void write_soon();
    static core::Task<> write_out(std::shared_ptr<Link> link);
    std::optional<Clock::time_point> next_due() const;
    void watch_clock();

    boost::asio::io_context& context_;
    const std::shared_ptr<const Server> server_;
    Stream stream_;
    ReplyReader reader_;
    std::array<char, 65'536> incoming_;

    std::string unsent_;
    std::string sending_;
    bool is_writing_ = false;
    std::deque<Waiting> waiting_;     // in the order of their answers
    std::uint64_t first_number_ = 0;  // of the command waited for longest
    std::size_t late_ = 0;            // how many of the first have waited too long already

    boost::asio::steady_timer clock_;
    std::optional<Clock::time_point> clock_due_;  // none: the clock stands still
    std::optional<Clock::time_point> own_due_;    // of what the link itself waits for
    bool is_open_ = true;
    std::optional<Clock::time_point> greeted_;
    bool is_slow_ = false;  // to be greeted: nobody waits for that any more
    std::string lost_because_;
};

}  // namespace souk::cache::on_redis
