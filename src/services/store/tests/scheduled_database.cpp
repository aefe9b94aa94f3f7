#include "services/store/tests/scheduled_database.h"

#include "platform/core/event.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr auto look_pause = 2ms;       // a call that takes longer may be waiting for a lock
constexpr auto settle_patience = 20s;  // nothing but a lock keeps a call so long
constexpr auto turn_patience = 120s;

// SQLite's texts are never asked: who has the one writer is known without.
constexpr db::Sql select_backend("SELECT 0", "SELECT pg_backend_pid()");
constexpr db::Sql count_blocking(
    "SELECT 0",
    "SELECT count(*) FROM unnest(pg_blocking_pids($1::bigint::int)) AS pid WHERE pid = $2::bigint");

// Who calls. Guarded by the mutex of Steps.
struct Client {
    const void* loop = nullptr;
    std::shared_ptr<core::Event> go;  // not null: it waits for its turn
    bool is_over = false;
    bool is_writing = false;  // one writer: waits for it, or for the end of the group it commits in
    bool has_transaction = false;
    std::int64_t backend = 0;  // many writers: which process of the server has its transaction
};
using ClientPointer = std::shared_ptr<Client>;

// Whether the first backend waits for a lock of the second.
using Waits = std::function<bool(std::int64_t waiting, std::int64_t holding)>;

}  // namespace

class ScheduledDatabase::Steps {
public:
    // Null: nobody's turn, because this loop is free or nothing is held.
    core::Task<ClientPointer> turn() {
        const core::Executor executor = co_await boost::asio::this_coro::executor;
        std::shared_ptr<core::Event> go;
        ClientPointer client = arrive(&executor.context(), go);
        if (!client) co_return nullptr;
        const bool was_let = co_await go->wait(turn_patience);
        if (!was_let) throw std::logic_error("nobody gave this call its turn");
        co_return client;
    }

    void hold(std::vector<const void*> free_loops) {
        const std::lock_guard lock(mutex_);
        is_holding_ = true;
        free_ = std::move(free_loops);
        clients_.clear();
    }

    void release() {
        const std::lock_guard lock(mutex_);
        is_holding_ = false;
        for (const ClientPointer& client : clients_)
            if (client->go) std::exchange(client->go, nullptr)->set();
    }

    void wait_for_clients(std::size_t count) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, settle_patience, [&] { return clients_.size() >= count; }))
            throw std::runtime_error("a client did not come to the database");
    }

    void leave(std::size_t number) {
        change(clients_at(number), [](Client& client) { client.is_over = true; });
    }

    Step step(std::size_t number, const Waits& waits) {
        const ClientPointer client = clients_at(number);
        std::shared_ptr<core::Event> go;
        {
            const std::lock_guard lock(mutex_);
            if (client->is_over) return Step::over;
            if (!client->go) return Step::locked_out;  // so settle() has found it
            go = std::exchange(client->go, nullptr);
        }
        go->set();
        settle(waits);
        return Step::taken;
    }

    // SQLite answers a commit when the writers behind it have ended, whom it made durable as well.
    void ask_to_write(const ClientPointer& client) {
        change(client, [](Client& each) { each.is_writing = true; });
    }

    // With one writer, that another one has a transaction is why a client is taken to be locked
    // out; so that must be true.
    void require_alone(const ClientPointer& client) const {
        const std::lock_guard lock(mutex_);
        for (const ClientPointer& other : clients_)
            if (client && other != client && other->has_transaction)
                throw std::logic_error("two clients write at the same time");
    }

    void begin_transaction(const ClientPointer& client, std::int64_t backend) {
        change(client, [backend](Client& each) {
            each.is_writing = false;
            each.has_transaction = true;
            each.backend = backend;
        });
    }

    // Before the engine ends it, because then others may go on at once.
    void end_transaction(const ClientPointer& client) {
        change(client, [](Client& each) { each.has_transaction = false; });
    }

    class Transaction;

private:
    using Lock = std::unique_lock<std::mutex>;

    ClientPointer arrive(const void* loop, std::shared_ptr<core::Event>& go) {
        const std::lock_guard lock(mutex_);
        const bool is_free = std::ranges::find(free_, loop) != free_.end();
        if (!is_holding_ || is_free) return nullptr;
        auto known = std::ranges::find(clients_, loop, [](const auto& each) { return each->loop; });
        if (known == clients_.end()) {
            clients_.push_back(std::make_shared<Client>());
            known = std::prev(clients_.end());
            (*known)->loop = loop;
        }
        go = std::make_shared<core::Event>();
        (*known)->go = go;
        (*known)->is_writing = false;
        changed_.notify_all();
        return *known;
    }

    ClientPointer clients_at(std::size_t number) const {
        const std::lock_guard lock(mutex_);
        return clients_.at(number);
    }

    template <typename Change>
    void change(const ClientPointer& client, const Change& apply) {
        if (!client) return;
        const std::lock_guard lock(mutex_);
        apply(*client);
        changed_.notify_all();
    }

    void settle(const Waits& waits) {
        const auto deadline = std::chrono::steady_clock::now() + settle_patience;
        const auto rests = [](const ClientPointer& each) { return each->go || each->is_over; };
        Lock lock(mutex_);
        while (true) {
            const auto all_rest = [&] { return std::ranges::all_of(clients_, rests); };
            if (changed_.wait_for(lock, look_pause, all_rest)) return;
            const std::vector<ClientPointer> all = clients_;
            const auto is_settled = [&](const ClientPointer& each) {
                return rests(each) || is_locked_out(each, all, waits, lock);
            };
            if (std::ranges::all_of(all, is_settled)) return;
            if (std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error("a call was not carried out, and waits for no lock");
        }
    }

    // Only by one who waits for his turn: he lets nobody in meanwhile, so it stays true.
    static bool is_locked_out(const ClientPointer& client, const std::vector<ClientPointer>& all,
                              const Waits& waits, Lock& lock) {
        for (const ClientPointer& other : all) {
            if (other == client || !other->go || !other->has_transaction) continue;
            if (client->is_writing && other->backend == 0) return true;
            if (!client->has_transaction || client->backend == 0) continue;
            const std::int64_t waiting = client->backend;
            const std::int64_t holding = other->backend;
            lock.unlock();
            const bool is_waiting = waits(waiting, holding);
            lock.lock();
            if (is_waiting && !client->go && !client->is_over) return true;
        }
        return false;
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool is_holding_ = false;
    std::vector<const void*> free_;
    std::vector<ClientPointer> clients_;
};

class ScheduledDatabase::Steps::Transaction final : public db::TransactionEngine {
public:
    Transaction(std::shared_ptr<Steps> steps, ClientPointer client, db::Transaction real)
        : steps_(std::move(steps)), client_(std::move(client)), real_(std::move(real)) {}
    ~Transaction() override { steps_->end_transaction(client_); }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

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
        steps_->end_transaction(client_);
        steps_->ask_to_write(client_);
        co_await real_.commit();
    }

private:
    std::shared_ptr<Steps> steps_;
    const ClientPointer client_;
    db::Transaction real_;
    bool has_run_ = false;
};

ScheduledDatabase::ScheduledDatabase(const db::Place& place)
    : has_many_writers_(place.address.starts_with("postgres")),
      watch_(has_many_writers_ ? db::open(place) : nullptr),
      real_(db::open(place)),
      steps_(std::make_shared<Steps>()) {}

void ScheduledDatabase::hold(std::vector<const void*> free_loops) {
    steps_->hold(std::move(free_loops));
}
void ScheduledDatabase::release() { steps_->release(); }
void ScheduledDatabase::wait_for_clients(std::size_t count) { steps_->wait_for_clients(count); }
void ScheduledDatabase::leave(std::size_t client) { steps_->leave(client); }

ScheduledDatabase::Step ScheduledDatabase::step(std::size_t client) {
    return steps_->step(client, [this](std::int64_t waiting, std::int64_t holding) {
        const db::Rows rows = watching_.wait(watch_->read(count_blocking, waiting, holding));
        return db::integer(rows[0][0]) > 0;
    });
}

core::Task<db::Transaction> ScheduledDatabase::begin() {
    const ClientPointer client = co_await steps_->turn();
    if (!has_many_writers_) steps_->ask_to_write(client);
    db::Transaction real = co_await real_->begin();
    std::int64_t backend = 0;
    if (has_many_writers_) {
        const db::Rows rows = co_await real.run(select_backend);
        backend = db::integer(rows[0][0]);
    } else {
        steps_->require_alone(client);
    }
    steps_->begin_transaction(client, backend);
    co_return db::Transaction(
        std::make_unique<Steps::Transaction>(steps_, client, std::move(real)));
}

core::Task<std::vector<db::Rows>> ScheduledDatabase::write_all(
    std::vector<db::Statement> statements) {
    std::vector<db::Rows> gave;
    if (!has_many_writers_) {
        const ClientPointer client = co_await steps_->turn();
        steps_->ask_to_write(client);
        gave = co_await real_->write_all(std::move(statements));
        steps_->require_alone(client);
        co_return gave;
    }
    db::Transaction transaction = co_await begin();
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
