// A database in front of a real one whose calls go on one at a time, in the order a test says.
// Batches are carried out statement by statement in a transaction, so that other clients come in
// between.
#pragma once

#include "platform/core/event.h"
#include "platform/db/database.h"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace souk::store {

class ScheduledDatabase final : public db::Database {
public:
    ScheduledDatabase(std::unique_ptr<db::Database> real, bool splits_batches);

    bool splits_batches() const { return splits_batches_; }

    // From now on every call of any loop waits for step(). Loops that are on the list are let
    // through.
    void hold(std::vector<const void*> free_loops);
    // Everything goes on by itself again.
    void release();

    // A client's loop, once its first call waits; in the order in which they come.
    const void* wait_for_client();

    // Lets this loop's call go on, if one waits now, or comes soon; one that waits for a lock of
    // another client never comes. Returns when it has been carried out or seems to be locked out.
    void step(const void* loop);

    core::Task<db::Transaction> begin() override;
    core::Task<std::vector<db::Rows>> write_all(std::vector<db::Statement> statements) override;
    core::Task<int> migrate(db::Migrations migrations) override;
    core::Task<bool> claim(std::string what) override;
    std::string describe() const override;

private:
    class Steps;

    core::Task<db::Rows> read_values(db::Sql sql, db::Values values) override;
    core::Task<db::Rows> write_values(db::Sql sql, db::Values values) override;

    std::unique_ptr<db::Database> real_;
    const bool splits_batches_;
    std::shared_ptr<Steps> steps_;
};

}  // namespace souk::store
