#include "platform/cache/redis/link.h"

#include "platform/core/error.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace souk::cache::on_redis {
namespace {

namespace asio = boost::asio;

// What may be under way. Callers give up after their own patience, so more than this is never of
// use.
constexpr std::size_t calls_max = 10'000;
constexpr std::size_t unsent_bytes_max = 64U << 20U;

// hiredis moves what it has not read yet to the front after every answer, so it is given little.
constexpr std::size_t piece_bytes = 4'096;

std::string why_lost(const std::exception& error) {
    const auto* const system = dynamic_cast<const boost::system::system_error*>(&error);
    if (system == nullptr) return error.what();
    if (system->code() == asio::error::eof) return "it closed the connection";
    return system->code().message();
}

}  // namespace

Link::Link(asio::io_context& context, std::shared_ptr<const Server> server)
    : context_(context),
      server_(std::move(server)),
      stream_(context, server_->address, *server_->trust),
      clock_(context) {}

core::Task<> Link::open() {
    own_due_ = Clock::now() + server_->patience.link.connect;
    watch_clock();
    try {
        co_await stream_.connect();
        co_await greet();
    } catch (const std::exception& error) {
        close(why_lost(error));
    }
    if (!is_open_) throw core::Unavailable(lost_because_);
    greeted_ = Clock::now();
    if (!unsent_.empty()) write_soon();
}

core::Task<> Link::greet() {
    const RedisAddress& address = server_->address;
    std::vector<Command> greeting;
    const bool has_name = !address.user.empty() && address.user != "default";
    if (!address.password.empty() && has_name)
        greeting.emplace_back(Words{"AUTH", address.user, address.password}, is_text);
    if (!address.password.empty() && !has_name)
        greeting.emplace_back(Words{"AUTH", address.password}, is_text);
    if (address.database != 0)
        greeting.emplace_back(Words{"SELECT", std::to_string(address.database)}, is_text);
    greeting.emplace_back(Words{"PING"}, is_text);

    for (Command& command : greeting) co_await ask_alone(std::move(command));
}

core::Task<Reply> Link::ask_alone(Command command) {
    const std::string bytes(command.bytes());
    std::optional<Reply> reply;
    own_due_ = Clock::now() + server_->patience.link.silence;
    watch_clock();
    try {
        co_await stream_.write(bytes);
        while (!(reply = reader_.next())) {
            const std::string_view some = co_await receive();
            reader_.feed(some);
        }
        if (reply->kind != Reply::Kind::error && !command.shape()(*reply))
            throw Nonsense("an answer of the wrong kind");
    } catch (const std::exception& error) {
        close(why_lost(error));
    }
    own_due_.reset();
    if (!is_open_) throw core::Unavailable(lost_because_);
    if (reply->kind == Reply::Kind::error) throw core::Unavailable(reply->text);
    co_return std::move(*reply);
}

core::Task<std::string> Link::serve() {
    try {
        while (is_open_) {
            std::string_view some = co_await receive();
            for (; !some.empty(); some.remove_prefix(std::min(some.size(), piece_bytes))) {
                reader_.feed(some.substr(0, piece_bytes));
                while (std::optional<Reply> reply = reader_.next()) accept(std::move(*reply));
            }
        }
    } catch (const std::exception& error) {
        close(why_lost(error));
    }
    co_return lost_because_;
}

core::Task<std::string_view> Link::receive() {
    const std::size_t length = co_await stream_.read_some(incoming_);
    co_return std::string_view(incoming_.data(), length);
}

core::Task<Outcome> Link::ask(Command command) {
    if (!is_open_ || (is_slow_ && !greeted_)) co_return Outcome{};
    const bool is_too_much = waiting_.size() >= calls_max || unsent_.size() >= unsent_bytes_max;
    if (is_too_much) co_return Outcome{.kind = Outcome::Kind::lost};
    constexpr asio::use_awaitable_t<core::Executor> token;
    co_return co_await asio::async_initiate<decltype(token)&, void(Outcome)>(
        [this, &command](Handler handler) { send(command, std::move(handler)); }, token);
}

void Link::send(const Command& command, Handler handler) {
    auto broken_off = asio::get_associated_cancellation_slot(handler);
    if (broken_off.is_connected()) {
        const std::uint64_t number = first_number_ + waiting_.size();
        broken_off.assign([self = weak_from_this(), number](asio::cancellation_type) {
            if (const std::shared_ptr<Link> link = self.lock()) link->break_off(number);
        });
    }
    const Clock::time_point now = Clock::now();
    waiting_.push_back({std::move(handler), command.shape(), now});
    if (!clock_due_ || *clock_due_ > now + server_->patience.answer) watch_clock();
    unsent_ += command.bytes();
    if (greeted_) write_soon();
}

// When the loop has done what it has to do now, so that the commands of all who ask meanwhile leave
// at once.
void Link::write_soon() {
    if (std::exchange(is_writing_, true)) return;
    asio::post(context_, [link = shared_from_this()] {
        asio::co_spawn(link->context_, write_out(link), [](const std::exception_ptr& bug) {
            if (bug) std::rethrow_exception(bug);
        });
    });
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

void Link::accept(Reply reply) {
    if (waiting_.empty()) throw Nonsense("an answer that nobody asked for");
    Waiting who = std::move(waiting_.front());
    waiting_.pop_front();
    ++first_number_;
    if (late_ > 0) --late_;
    const bool makes_sense = reply.kind == Reply::Kind::error || who.fits(reply);
    if (!makes_sense) {
        wake(who, {.kind = Outcome::Kind::lost});
        throw Nonsense("an answer of the wrong kind");
    }
    wake(who, {Outcome::Kind::answered, std::move(reply)});
}

// Whoever waits goes on here and now, up to where he waits for something else: perhaps for his next
// answer of this link.
void Link::wake(Waiting& who, Outcome outcome) noexcept {
    if (!who.handler) return;
    Handler handler = std::move(*who.handler);
    who.handler.reset();
    handler(std::move(outcome));
}

// The answer will still come, and be for nobody.
void Link::break_off(std::uint64_t number) {
    if (number < first_number_) return;
    std::optional<Handler>& waits = waiting_[number - first_number_].handler;
    if (!waits) return;
    asio::post(context_, [handler = std::move(*waits)]() mutable { handler(Outcome{}); });
    waits.reset();
}

void Link::close(std::string why) {
    if (!std::exchange(is_open_, false)) return;
    lost_because_ = std::move(why);
    stream_.close();
    clock_.cancel();
    late_ = 0;
    first_number_ += waiting_.size();
    for (Waiting& who : std::exchange(waiting_, {})) wake(who, {.kind = Outcome::Kind::lost});
}

void Link::abandon() {
    is_open_ = false;
    waiting_.clear();
}

void Link::wake_late(Clock::time_point now) {
    const Clock::time_point latest = now - server_->patience.answer;
    while (late_ < waiting_.size() && waiting_[late_].asked <= latest) {
        is_slow_ = !greeted_;
        wake(waiting_[late_++], {.kind = Outcome::Kind::late});
    }
}

std::optional<Link::Clock::time_point> Link::next_due() const {
    std::optional<Clock::time_point> due = own_due_;
    const auto note = [&due](Clock::time_point another) {
        if (!due || another < *due) due = another;
    };
    // All wait equally long, so the first is the first to be late.
    if (greeted_ && !waiting_.empty())
        note(std::max(*greeted_, waiting_.front().asked) + server_->patience.link.silence);
    if (late_ < waiting_.size()) note(waiting_[late_].asked + server_->patience.answer);
    return due;
}

// Runs only while something is owed; answers in between do not touch the timer.
void Link::watch_clock() {
    const Clock::time_point now = Clock::now();
    wake_late(now);
    clock_due_ = is_open_ ? next_due() : std::nullopt;
    if (!clock_due_) return;
    if (*clock_due_ <= now) return close("no answer in time");
    clock_.expires_at(*clock_due_);
    clock_.async_wait([self = weak_from_this()](boost::system::error_code error) {
        const std::shared_ptr<Link> link = self.lock();
        if (link && !error) link->watch_clock();
    });
}

}  // namespace souk::cache::on_redis
