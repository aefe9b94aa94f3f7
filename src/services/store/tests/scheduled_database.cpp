#include "services/store/tests/scheduled_database.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr auto come_patience = 20ms;  // a call that takes longer waits for somebody
constexpr auto turn_patience = 30s;

}  // namespace

// Who waits for a turn, by loop.
class ScheduledDatabase::Steps {
public:
    core::Task<> turn() {
        const core::Executor executor = co_await boost::asio::this_coro::executor;
        const std::shared_ptr<core::Event> go = arrive(&executor.context());
        if (!go) co_return;
        const bool was_let = co_await go->wait(turn_patience);
        if (!was_let) throw std::logic_error("nobody gave this call its turn");
    }

    void hold(std::vector<const void*> free_loops) {
        const std::lock_guard lock(mutex_);
        is_holding_ = true;
        free_ = std::move(free_loops);
    }

    void release() {
        const std::lock_guard lock(mutex_);
        is_holding_ = false;
        for (auto& [loop, go] : waiting_) go->set();
        waiting_.clear();
        known_.clear();
    }

    const void* wait_for_client() {
        std::unique_lock lock(mutex_);
        const void* loop = nullptr;
        const auto has_come = [&] { return (loop = newcomer()) != nullptr; };
        if (!changed_.wait_for(lock, turn_patience, has_come))
            throw std::runtime_error("no client came to the database");
        known_.push_back(loop);
        return loop;
    }

    void step(const void* loop) {
        std::unique_lock lock(mutex_);
        const auto has_come = [this, loop] { return waiting_.contains(loop); };
        if (!changed_.wait_for(lock, come_patience, has_come)) return;
        waiting_.at(loop)->set();
        waiting_.erase(loop);
        changed_.wait_for(lock, come_patience, has_come);
    }

private:
    std::shared_ptr<core::Event> arrive(const void* loop) {
        const std::lock_guard lock(mutex_);
        const bool is_free = std::find(free_.begin(), free_.end(), loop) != free_.end();
        if (!is_holding_ || is_free) return nullptr;
        const auto go = std::make_shared<core::Event>();
        waiting_[loop] = go;
        changed_.notify_all();
        return go;
    }

    const void* newcomer() const {
        for (const auto& [loop, go] : waiting_)
            if (std::find(known_.begin(), known_.end(), loop) == known_.end()) return loop;
        return nullptr;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_holding_ = false;
    std::vector<const void*> free_;
    std::vector<const void*> known_;
    std::map<const void*, std::shared_ptr<core::Event>> waiting_;

public:
    class Transaction;
};

class ScheduledDatabase::Steps::Transaction final : public db::TransactionEngine {
public:
    Transaction(std::shared_ptr<Steps> steps, db::Transaction real)
        : steps_(std::move(steps)), real_(std::move(real)) {}

    core::Task<db::Rows> run(db::Sql sql, db::Values values) override {
        if (has_run_) co_await steps_->turn();
        has_run_ = true;  // the first goes on in the turn in which the transaction began
        co_return co_await real_.run({sql, std::move(values)});
    }
    core::Task<std::vector<std::int64_t>> run_many(db::Sql sql,
                                                   std::vector<db::Values> rows) override {
        co_await steps_->turn();
        co_return co_await real_.run_many(sql, std::move(rows));
    }
    core::Task<> commit() override {
        co_await steps_->turn();
        co_await real_.commit();
    }

private:
    std::shared_ptr<Steps> steps_;
    db::Transaction real_;
    bool has_run_ = false;
};

ScheduledDatabase::ScheduledDatabase(std::unique_ptr<db::Database> real, bool splits_batches)
    : real_(std::move(real)), splits_batches_(splits_batches), steps_(std::make_shared<Steps>()) {}

void ScheduledDatabase::hold(std::vector<const void*> free_loops) {
    steps_->hold(std::move(free_loops));
}
void ScheduledDatabase::release() { steps_->release(); }
const void* ScheduledDatabase::wait_for_client() { return steps_->wait_for_client(); }
void ScheduledDatabase::step(const void* loop) { steps_->step(loop); }

core::Task<db::Transaction> ScheduledDatabase::begin() {
    co_await steps_->turn();
    db::Transaction real = co_await real_->begin();
    co_return db::Transaction(std::make_unique<Steps::Transaction>(steps_, std::move(real)));
}

core::Task<std::vector<db::Rows>> ScheduledDatabase::write_all(
    std::vector<db::Statement> statements) {
    if (!splits_batches_) {
        co_await steps_->turn();
        co_return co_await real_->write_all(std::move(statements));
    }
    db::Transaction transaction = co_await begin();
    std::vector<db::Rows> gave;
    for (db::Statement& each : statements) {
        db::Rows rows = co_await transaction.run(std::move(each));
        gave.push_back(std::move(rows));
    }
    co_await transaction.commit();
    co_return gave;
}

core::Task<int> ScheduledDatabase::migrate(db::Migrations migrations) {
    return real_->migrate(migrations);
}
core::Task<bool> ScheduledDatabase::claim(std::string what) {
    return real_->claim(std::move(what));
}
std::string ScheduledDatabase::describe() const { return real_->describe(); }

core::Task<db::Rows> ScheduledDatabase::read_values(db::Sql sql, db::Values values) {
    co_await steps_->turn();
    co_return co_await real_->read({sql, std::move(values)});
}

core::Task<db::Rows> ScheduledDatabase::write_values(db::Sql sql, db::Values values) {
    std::vector<db::Statement> one;
    one.push_back({sql, std::move(values)});
    std::vector<db::Rows> gave = co_await write_all(std::move(one));
    co_return std::move(gave.at(0));
}

}  // namespace souk::store
