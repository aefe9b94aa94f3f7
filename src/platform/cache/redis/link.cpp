#include "platform/cache/redis/link.h"

#include "platform/core/error.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include <exception>
#include <utility>
#include <vector>

namespace souk::cache::on_redis {
namespace {

// What may be under way. Callers give up after their own patience, so more than this is never of
// use.
constexpr std::size_t calls_max = 10'000;
constexpr std::size_t unsent_bytes_max = 64U << 20U;

std::string why_lost(const std::exception& error) {
    const auto* const system = dynamic_cast<const boost::system::system_error*>(&error);
    if (system == nullptr) return error.what();
    if (system->code() == boost::asio::error::eof) return "it closed the connection";
    return system->code().message();
}

}  // namespace

Link::Link(boost::asio::io_context& context, RedisAddress address, LinkPatience patience)
    : context_(context),
      address_(std::move(address)),
      patience_(patience),
      stream_(context, address_),
      clock_(context) {}

core::Task<> Link::open() {
    connect_due_ = Clock::now() + patience_.connect;
    watch_clock();
    try {
        co_await stream_.connect();
        connect_due_.reset();
        watch_clock();
        co_await greet();
    } catch (const std::exception& error) {
        close(why_lost(error));
    }
    if (!is_open_) throw core::Unavailable(lost_because_);
}

core::Task<> Link::greet() {
    std::vector<Command> greeting;
    const bool has_name = !address_.user.empty() && address_.user != "default";
    if (!address_.password.empty() && has_name)
        greeting.emplace_back(Words{"AUTH", address_.user, address_.password}, is_text);
    if (!address_.password.empty() && !has_name)
        greeting.emplace_back(Words{"AUTH", address_.password}, is_text);
    if (address_.database != 0)
        greeting.emplace_back(Words{"SELECT", std::to_string(address_.database)}, is_text);
    greeting.emplace_back(Words{"PING"}, is_text);

    for (Command& command : greeting) co_await ask(std::move(command));
}

core::Task<Reply> Link::ask(Command command) {
    const auto call = std::make_shared<Call>(std::move(command));
    send(call);
    try {
        while (!call->done.is_set()) co_await receive();
    } catch (const std::exception& error) {
        close(why_lost(error));
    }
    if (!call->reply) throw core::Unavailable(lost_because_);
    if (call->reply->kind == Reply::Kind::error) throw core::Unavailable(call->reply->text);
    co_return std::move(*call->reply);
}

core::Task<std::string> Link::serve() {
    try {
        while (is_open_) co_await receive();
    } catch (const std::exception& error) {
        close(why_lost(error));
    }
    co_return lost_because_;
}

void Link::send(std::shared_ptr<Call> call) {
    const bool is_too_much = waiting_.size() >= calls_max || unsent_.size() >= unsent_bytes_max;
    if (!is_open_ || is_too_much) return call->done.set();
    unsent_ += call->command.bytes();
    waiting_.push_back({std::move(call), Clock::now() + patience_.silence});
    if (!is_clock_running_) watch_clock();
    if (!std::exchange(is_writing_, true)) {
        boost::asio::co_spawn(context_, write_out(shared_from_this()),
                              [](const std::exception_ptr& bug) {
                                  if (bug) std::rethrow_exception(bug);
                              });
    }
}

// All that gathers while one piece is written is the next piece.
core::Task<> Link::write_out(std::shared_ptr<Link> link) {
    try {
        while (link->is_open_ && !link->unsent_.empty()) {
            link->sending_.clear();
            link->sending_.swap(link->unsent_);
            co_await link->stream_.write(link->sending_);
        }
    } catch (const std::exception& error) {
        link->close(why_lost(error));
    }
    link->is_writing_ = false;
}

core::Task<> Link::receive() {
    const std::size_t length = co_await stream_.read_some(incoming_);
    reader_.feed({incoming_.data(), length});
    while (std::optional<Reply> reply = reader_.next()) accept(std::move(*reply));
}

void Link::accept(Reply reply) {
    if (waiting_.empty()) throw Nonsense("an answer that nobody asked for");
    const std::shared_ptr<Call> call = std::move(waiting_.front().call);
    waiting_.pop_front();
    const bool makes_sense = reply.kind == Reply::Kind::error || call->command.fits(reply);
    if (makes_sense) call->reply = std::move(reply);
    call->done.set();
    if (!makes_sense) throw Nonsense("an answer of the wrong kind");
}

void Link::close(std::string why) {
    if (!std::exchange(is_open_, false)) return;
    lost_because_ = std::move(why);
    stream_.close();
    clock_.cancel();
    for (const Waiting& one : std::exchange(waiting_, {})) one.call->done.set();
}

std::optional<Link::Clock::time_point> Link::next_due() const {
    if (connect_due_ || waiting_.empty()) return connect_due_;
    return waiting_.front().due;  // all wait equally long, so the first is the first to be late
}

// Runs only while something is owed; answers in between do not touch the timer.
void Link::watch_clock() {
    const std::optional<Clock::time_point> due = is_open_ ? next_due() : std::nullopt;
    is_clock_running_ = due.has_value();
    if (!due) return;
    if (*due <= Clock::now()) return close("no answer in time");
    clock_.expires_at(*due);
    clock_.async_wait([self = weak_from_this()](boost::system::error_code error) {
        const std::shared_ptr<Link> link = self.lock();
        if (link && !error) link->watch_clock();
    });
}

}  // namespace souk::cache::on_redis
