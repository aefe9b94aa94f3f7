// The connections of a Database: statements share them, transactions have one each for their life.
// Lives on the database's own loop; every function is to be called there.
#pragma once

#include "platform/db/database.h"
#include "platform/db/postgres/link.h"
#include "platform/db/reply.h"
#include "platform/db/step.h"

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <variant>
#include <vector>

namespace souk::db::postgres {

class Pool : public std::enable_shared_from_this<Pool> {
public:
    using Clock = std::chrono::steady_clock;

    struct Question {
        Unit unit;
        Reply<std::vector<Rows>> reply;
        Step* commits = nullptr;  // told how long the answer took, if it is a transaction
    };
    // Takes a connection over; gives it back with give_back(). nullptr: the engine is down, for the
    // reason in the second argument.
    using Lease = std::function<void(std::shared_ptr<Link>, const std::optional<Failure>&)>;

    Pool(boost::asio::io_context& context, Address address, int links_max);

    void run(Question question);
    void lease(Lease lease);
    void give_back(std::shared_ptr<Link> link);

    // A connection outside the pool's count, for migrations and claims; not connected yet.
    std::shared_ptr<Link> make_link();

    // Runs a coroutine of this database; it must answer for its own failures.
    void spawn(core::Task<> task);

    // Breaks everything off. The future is ready when no coroutine of this database runs any more.
    std::future<void> close();

    boost::asio::io_context& context() { return context_; }
    std::chrono::milliseconds timeout() const { return address_.timeout; }
    const std::string& schema() const { return address_.schema; }

private:
    struct Waiting {
        std::variant<Question, Lease> what;
        Clock::time_point deadline;
    };

    void enqueue(std::variant<Question, Lease> what);
    void serve();
    void serve_with(std::shared_ptr<Link> link);
    bool may_connect() const;
    core::Task<> connect_one();
    core::Task<> run_batch(std::shared_ptr<Link> link, std::vector<Question> batch);
    void drop(const std::shared_ptr<Link>& link);
    static void refuse(Waiting waiting, const Failure& why);
    void refuse_all(const Failure& why);
    void watch_deadlines();
    void note_quiet();

    boost::asio::io_context& context_;
    const Address address_;
    const std::size_t links_max_;

    std::deque<Waiting> waiting_;
    boost::asio::steady_timer deadline_;
    bool is_deadline_watched_ = false;

    std::vector<std::shared_ptr<Link>> idle_;
    std::vector<std::weak_ptr<Link>> all_;  // to break them off at close
    std::size_t open_ = 0;
    std::size_t connecting_ = 0;
    Clock::time_point connect_again_at_{};
    std::chrono::milliseconds pause_{};  // grows while connecting fails
    std::string down_because_;

    std::size_t running_ = 0;
    bool closing_ = false;
    bool was_quiet_ = false;
    std::promise<void> quiet_;
};

}  // namespace souk::db::postgres
