// The database as seen over a network: every statement waits until the scheduler carries it out, in
// an order it chooses, and is answered, answered late, refused, or its answer is lost. Behind it is
// SQLite by the connections of production, a writer and a reader.
#pragma once

#include "platform/db/database.h"
#include "platform/db/reply.h"
#include "platform/db/sqlite/connection.h"
#include "services/flash/tests/simulation/plant.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace souk::flash::simulation {

enum class Fate { answered, answered_late, refused, answer_lost };

class SimulatedDatabase final : public db::Database {
public:
    // Called with the writer connection after every commit and when the file was opened.
    using Look = std::function<void(db::sqlite::Connection&)>;

    SimulatedDatabase(std::string file, const char* vfs, Plant plant, Look look);
    ~SimulatedDatabase() override;

    // The scheduler's side.
    std::size_t waiting() const;  // statements that could be carried out now
    std::size_t late() const;     // answers that are held back
    void carry_out(std::size_t n, Fate fate);
    void answer_late(std::size_t n);
    void look_now();  // opens the file when it is not open; throws as the file does

    core::Task<std::vector<db::Rows>> write_all(std::vector<db::Statement> statements) override;
    core::Task<db::Transaction> begin() override;
    core::Task<int> migrate(db::Migrations migrations) override;
    core::Task<bool> claim(std::string) override { co_return true; }
    std::string describe() const override { return "simulated"; }

private:
    class Engine;
    struct Session;
    struct Core;
    struct Request;

    core::Task<db::Rows> read_values(db::Sql sql, db::Values values) override;
    core::Task<db::Rows> write_values(db::Sql sql, db::Values values) override;

    const std::shared_ptr<Core> core_;  // a transaction may outlive the database
};

}  // namespace souk::flash::simulation
