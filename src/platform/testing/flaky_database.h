// A database in front of a real one that fails where a test says. Every begin, run, run_many,
// commit, read, write and write_all counts as one call; migrations always pass, claims unless they
// are held.
#pragma once

#include "platform/db/database.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace souk::testing {

enum class Failing {
    unavailable,  // the call does nothing and throws core::Unavailable
    lost_answer,  // the call is carried out, and throws core::Unavailable all the same
    refused,      // the call does nothing and throws db::Refused
    killed        // the engine is killed, as on_kill says, and then the call is carried out
};

class FlakyDatabase final : public db::Database {
public:
    explicit FlakyDatabase(std::unique_ptr<db::Database> real);

    // Counted from now: `n` calls pass, the next `times` fail, then all pass again.
    void fail_nth(int n, Failing how, int times = 1);
    void fail_from(int n, Failing how);  // that call and all later ones, until heal()
    void heal();

    // Called on the loop, once for each failure of that kind.
    void on_kill(std::function<void()> kill);

    // Every statement with this text among its values is refused, also after heal().
    void refuse_text(std::string text);

    // From its next failure on, more than so many rows at once are too much: unavailable.
    void slow_down(std::size_t rows_max);

    // Whether another program holds every claim.
    void hold_claims(bool are_held) { claims_are_held_ = are_held; }

    // Ends the real database, for tests whose loop goes before this object. No call may follow.
    void close() { real_.reset(); }

    int calls() const;     // since the failure was set
    int failures() const;  // likewise

    core::Task<std::vector<db::Rows>> write_all(std::vector<db::Statement> statements) override;
    core::Task<db::Transaction> begin() override;
    core::Task<int> migrate(db::Migrations migrations) override;
    core::Task<bool> claim(std::string what) override;
    std::string describe() const override;

private:
    class Transaction;
    struct State;

    core::Task<db::Rows> read_values(db::Sql sql, db::Values values) override;
    core::Task<db::Rows> write_values(db::Sql sql, db::Values values) override;

    std::unique_ptr<db::Database> real_;
    std::atomic<bool> claims_are_held_{false};
    const std::shared_ptr<State> state_;  // a transaction may outlive the database
};

}  // namespace souk::testing
