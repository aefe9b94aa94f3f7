// A database in front of a real one whose calls go on one at a time, in the order a test says.
// Where the engine has many writers, batches are carried out statement by statement in a
// transaction, so that other clients come in between.
#pragma once

#include "platform/db/database.h"
#include "platform/testing/on_loop.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace souk::store {

class ScheduledDatabase final : public db::Database {
public:
    explicit ScheduledDatabase(const db::Place& place);

    // SQLite and libSQL have one writer at a time: a batch is one step there, and a transaction
    // keeps others out until it ends.
    bool has_many_writers() const { return has_many_writers_; }

    // From now on every call of any loop waits for step(). Loops that are on the list are let
    // through.
    void hold(std::vector<const void*> free_loops);
    // Everything goes on by itself again.
    void release();

    // Each loop that calls is a client; they are numbered as they come, from 0.
    void wait_for_clients(std::size_t count);
    // This client has its answer: no further call of it comes. Any thread.
    void leave(std::size_t client);

    enum class Step {
        taken,
        locked_out,  // its call before this one waits for another client, as the engine says
        over         // it has its answer
    };
    // Lets this client's call go on. Returns when every client waits for its turn, or for a lock of
    // one that does, or is over; throws when that does not come about.
    Step step(std::size_t client);

    core::Task<db::Transaction> begin() override;
    core::Task<std::vector<db::Rows>> write_all(std::vector<db::Statement> statements) override;
    core::Task<int> migrate(db::Migrations migrations) override;
    core::Task<bool> claim(std::string what) override;
    std::string describe() const override;

private:
    class Steps;

    core::Task<db::Rows> read_values(db::Sql sql, db::Values values) override;
    core::Task<db::Rows> write_values(db::Sql sql, db::Values values) override;

    const bool has_many_writers_;
    testing::OnLoop watching_;
    // Many writers: a connection of its own, to ask who waits for whom.
    std::unique_ptr<db::Database> watch_;
    std::unique_ptr<db::Database> real_;
    std::shared_ptr<Steps> steps_;
};

}  // namespace souk::store
