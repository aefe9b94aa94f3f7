#include "platform/db/postgres/pool.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <utility>

namespace souk::db::postgres {
namespace {

constexpr std::size_t waiting_max = 4096;
constexpr std::size_t batch_max = 64;  // statements that share a round trip
constexpr std::chrono::milliseconds pause_first{50};
constexpr std::chrono::milliseconds pause_max{2000};

}  // namespace

Pool::Pool(boost::asio::io_context& context, Address address, int links_max)
    : context_(context),
      address_(std::move(address)),
      links_max_(static_cast<std::size_t>(std::max(links_max, 1))),
      deadline_(context) {}

void Pool::run(Question question) { enqueue(std::move(question)); }

void Pool::lease(Lease lease) { enqueue(std::move(lease)); }

void Pool::enqueue(std::variant<Question, Lease> what) {
    Waiting waiting{std::move(what), Clock::now() + address_.timeout};
    if (closing_)
        return refuse(std::move(waiting), Failure::unavailable("the database is being closed"));
    if (waiting_.size() >= waiting_max) {
        return refuse(std::move(waiting),
                      Failure::unavailable("too many statements are waiting for PostgreSQL"));
    }
    waiting_.push_back(std::move(waiting));
    serve();
    if (!waiting_.empty() && !is_deadline_watched_) watch_deadlines();
}

void Pool::serve() {
    while (!waiting_.empty() && !idle_.empty()) {
        std::shared_ptr<Link> link = std::move(idle_.back());
        idle_.pop_back();
        serve_with(std::move(link));
    }
    while (connecting_ < waiting_.size() && may_connect()) {
        ++connecting_;
        spawn(connect_one());
    }
    if (open_ + connecting_ == 0) refuse_all(Failure::unavailable(down_because_));
}

// After a failure there is a pause, so that a server that is down or full is not hammered.
bool Pool::may_connect() const {
    return !closing_ && open_ + connecting_ < links_max_ && Clock::now() >= connect_again_at_;
}

void Pool::serve_with(std::shared_ptr<Link> link) {
    if (auto* lease = std::get_if<Lease>(&waiting_.front().what)) {
        const Lease taker = std::move(*lease);
        waiting_.pop_front();
        return taker(std::move(link), {});
    }
    std::vector<Question> batch;
    while (!waiting_.empty() && batch.size() < batch_max) {
        auto* const question = std::get_if<Question>(&waiting_.front().what);
        if (question == nullptr) break;
        batch.push_back(std::move(*question));
        waiting_.pop_front();
    }
    spawn(run_batch(std::move(link), std::move(batch)));
}

core::Task<> Pool::run_batch(std::shared_ptr<Link> link, std::vector<Question> batch) {
    std::vector<Unit> units;
    units.reserve(batch.size());
    for (Question& question : batch) units.push_back(std::move(question.unit));
    const Clock::time_point asked = Clock::now();
    co_await link->exchange(units);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (units[i].error) {
            batch[i].reply.fail(std::move(*units[i].error));
            continue;
        }
        if (batch[i].commits != nullptr) batch[i].commits->took(Clock::now() - asked);
        batch[i].reply.give(std::move(units[i].results));
    }
    give_back(std::move(link));
}

void Pool::give_back(std::shared_ptr<Link> link) {
    if (!link->is_open()) {
        --open_;
    } else if (closing_) {
        link->close("the database is being closed");
    } else {
        link->watch([pool = weak_from_this(), gone = std::weak_ptr(link)] {
            const std::shared_ptr<Pool> self = pool.lock();
            const std::shared_ptr<Link> lost = gone.lock();
            if (self && lost) self->drop(lost);
        });
        idle_.push_back(std::move(link));
    }
    serve();
}

void Pool::drop(const std::shared_ptr<Link>& link) {
    if (std::erase(idle_, link) > 0) --open_;
}

core::Task<> Pool::connect_one() {
    const std::shared_ptr<Link> link = make_link();
    try {
        co_await link->connect();
        pause_ = {};
    } catch (const std::exception& error) {
        down_because_ = error.what();
        pause_ = pause_.count() == 0 ? pause_first : std::min(pause_ * 2, pause_max);
        connect_again_at_ = Clock::now() + pause_;
    }
    --connecting_;
    ++open_;
    give_back(link);
}

std::shared_ptr<Link> Pool::make_link() {
    auto link = std::make_shared<Link>(context_, address_);
    std::erase_if(all_, [](const std::weak_ptr<Link>& one) { return one.expired(); });
    all_.push_back(link);
    return link;
}

void Pool::spawn(core::Task<> task) {
    ++running_;
    const auto finished = [self = shared_from_this()](std::exception_ptr bug) {
        --self->running_;
        self->note_quiet();
        if (bug) std::rethrow_exception(bug);
    };
    boost::asio::co_spawn(context_, std::move(task), finished);
}

std::future<void> Pool::close() {
    closing_ = true;
    refuse_all(Failure::unavailable("the database is being closed"));
    deadline_.cancel();
    for (const std::weak_ptr<Link>& one : all_) {
        if (const std::shared_ptr<Link> link = one.lock())
            link->close("the database is being closed");
    }
    idle_.clear();
    std::future<void> quiet = quiet_.get_future();
    note_quiet();
    return quiet;
}

void Pool::note_quiet() {
    if (closing_ && running_ == 0 && !std::exchange(was_quiet_, true)) quiet_.set_value();
}

void Pool::refuse(Waiting waiting, const Failure& why) {
    if (auto* question = std::get_if<Question>(&waiting.what)) return question->reply.fail(why);
    std::get<Lease>(waiting.what)(nullptr, why);
}

void Pool::refuse_all(const Failure& why) {
    std::deque<Waiting> all;
    all.swap(waiting_);
    for (Waiting& one : all) refuse(std::move(one), why);
}

// All wait equally long, so the first in the queue is the first to be late.
void Pool::watch_deadlines() {
    while (!waiting_.empty() && waiting_.front().deadline <= Clock::now()) {
        Waiting late = std::move(waiting_.front());
        waiting_.pop_front();
        refuse(std::move(late),
               Failure::unavailable("no connection to PostgreSQL became free in time"));
    }
    is_deadline_watched_ = !waiting_.empty() && !closing_;
    if (!is_deadline_watched_) return;
    deadline_.expires_at(waiting_.front().deadline);
    deadline_.async_wait([self = weak_from_this()](boost::system::error_code error) {
        if (const std::shared_ptr<Pool> pool = self.lock(); pool && !error) pool->watch_deadlines();
    });
}

}  // namespace souk::db::postgres
