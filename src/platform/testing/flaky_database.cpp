#include "platform/testing/flaky_database.h"

#include "platform/core/error.h"

#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace souk::testing {
namespace {

[[noreturn]] void fail(Failing how) {
    if (how == Failing::refused) throw db::Refused("refused, as the test wants it");
    throw core::Unavailable("failed, as the test wants it");
}

}  // namespace

struct FlakyDatabase::State {
    std::mutex mutex;
    int calls = 0;
    int failures = 0;
    int first = std::numeric_limits<int>::max();
    int last = std::numeric_limits<int>::max();
    Failing how = Failing::unavailable;
    std::string refused_text;
    std::size_t rows_max = std::numeric_limits<std::size_t>::max();
    std::function<void()> kill;

    void set(int from, int to, Failing as) {
        const std::lock_guard lock(mutex);
        calls = 0;
        failures = 0;
        first = from;
        last = to;
        how = as;
    }

    // What becomes of the next call: how it fails, if it does.
    std::optional<Failing> next() {
        const std::lock_guard lock(mutex);
        const int number = calls++;
        if (number < first || number > last) return std::nullopt;
        ++failures;
        return how;
    }

    // Throws when the call is to fail before it is carried out; true when after.
    bool fails_late() {
        const std::optional<Failing> failing = next();
        if (failing == Failing::killed) {
            kill();
            return false;
        }
        if (failing && *failing != Failing::lost_answer) fail(*failing);
        return failing.has_value();
    }

    void check(const db::Values& values) {
        const std::lock_guard lock(mutex);
        if (refused_text.empty()) return;
        for (const db::Value& value : values) {
            const auto* const text = std::get_if<std::string>(&value);
            if (text && *text == refused_text) fail(Failing::refused);
        }
    }

    void check_size(std::size_t rows) {
        const std::lock_guard lock(mutex);
        if (failures > 0 && rows > rows_max) fail(Failing::unavailable);
    }
};

// After a failure the real transaction is gone, as on a real engine.
class FlakyDatabase::Transaction final : public db::TransactionEngine {
public:
    Transaction(db::Transaction real, std::shared_ptr<State> state)
        : real_(std::move(real)), state_(std::move(state)) {}

    core::Task<db::Rows> run(db::Sql sql, db::Values values) override {
        try {
            state_->check(values);
            const bool fails = state_->fails_late();
            db::Rows rows = co_await real().run({sql, std::move(values)});
            if (fails) fail(Failing::lost_answer);
            co_return rows;
        } catch (...) {
            real_.reset();
            throw;
        }
    }

    core::Task<std::vector<std::int64_t>> run_many(db::Sql sql,
                                                   std::vector<db::Values> rows) override {
        try {
            for (const db::Values& values : rows) state_->check(values);
            state_->check_size(rows.size());
            const bool fails = state_->fails_late();
            std::vector<std::int64_t> changed = co_await real().run_many(sql, std::move(rows));
            if (fails) fail(Failing::lost_answer);
            co_return changed;
        } catch (...) {
            real_.reset();
            throw;
        }
    }

    core::Task<> commit() override {
        try {
            const bool fails = state_->fails_late();
            co_await real().commit();
            if (fails) fail(Failing::lost_answer);
        } catch (...) {
            real_.reset();
            throw;
        }
    }

private:
    db::Transaction& real() {
        if (!real_) throw std::logic_error("this transaction was rolled back when it failed");
        return *real_;
    }

    std::optional<db::Transaction> real_;
    std::shared_ptr<State> state_;
};

FlakyDatabase::FlakyDatabase(std::unique_ptr<db::Database> real)
    : real_(std::move(real)), state_(std::make_shared<State>()) {}

void FlakyDatabase::fail_nth(int n, Failing how, int times) { state_->set(n, n + times - 1, how); }

void FlakyDatabase::fail_from(int n, Failing how) {
    state_->set(n, std::numeric_limits<int>::max(), how);
}

void FlakyDatabase::heal() {
    constexpr int never = std::numeric_limits<int>::max();
    state_->set(never, never, Failing::unavailable);
}

void FlakyDatabase::on_kill(std::function<void()> kill) { state_->kill = std::move(kill); }

void FlakyDatabase::refuse_text(std::string text) {
    const std::lock_guard lock(state_->mutex);
    state_->refused_text = std::move(text);
}

void FlakyDatabase::slow_down(std::size_t rows_max) {
    const std::lock_guard lock(state_->mutex);
    state_->rows_max = rows_max;
}

int FlakyDatabase::calls() const {
    const std::lock_guard lock(state_->mutex);
    return state_->calls;
}

int FlakyDatabase::failures() const {
    const std::lock_guard lock(state_->mutex);
    return state_->failures;
}

core::Task<std::vector<db::Rows>> FlakyDatabase::write_all(std::vector<db::Statement> statements) {
    for (const db::Statement& each : statements) state_->check(each.values);
    const bool fails = state_->fails_late();
    std::vector<db::Rows> results = co_await real_->write_all(std::move(statements));
    if (fails) fail(Failing::lost_answer);
    co_return results;
}

core::Task<db::Transaction> FlakyDatabase::begin() {
    const bool fails = state_->fails_late();
    db::Transaction real = co_await real_->begin();
    if (fails) fail(Failing::lost_answer);
    co_return db::Transaction(std::make_unique<Transaction>(std::move(real), state_));
}

core::Task<int> FlakyDatabase::migrate(db::Migrations migrations) {
    return real_->migrate(migrations);
}

core::Task<bool> FlakyDatabase::claim(std::string what) {
    if (claims_are_held_) co_return false;
    co_return co_await real_->claim(std::move(what));
}

std::string FlakyDatabase::describe() const { return real_->describe(); }

core::Task<db::Rows> FlakyDatabase::read_values(db::Sql sql, db::Values values) {
    state_->check(values);
    const bool fails = state_->fails_late();
    db::Rows rows = co_await real_->read({sql, std::move(values)});
    if (fails) fail(Failing::lost_answer);
    co_return rows;
}

core::Task<db::Rows> FlakyDatabase::write_values(db::Sql sql, db::Values values) {
    state_->check(values);
    const bool fails = state_->fails_late();
    db::Rows rows = co_await real_->write({sql, std::move(values)});
    if (fails) fail(Failing::lost_answer);
    co_return rows;
}

}  // namespace souk::testing
