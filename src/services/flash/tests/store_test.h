// What the store must do on every engine; instantiated once per engine, in a test program of its
// own.
#pragma once

#include "platform/db/database.h"
#include "platform/testing/fixed_clock.h"
#include "services/flash/store.h"
#include "services/flash/tests/on_loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace souk::flash {

struct Engine {
    std::string name;
    db::Place (*fresh_place)();  // empty, and nobody else's
};

inline void PrintTo(const Engine& engine, std::ostream* out) { *out << engine.name; }

class StoreTest : public ::testing::TestWithParam<Engine> {
protected:
    StoreTest();

    // Gives how many orders found no unit.
    std::size_t persist(std::vector<LogEntry> entries, const std::string& log = "log");
    core::Task<std::size_t> persist_and_commit(std::string log, std::vector<LogEntry> entries);
    core::Task<> persist_and_leave(std::string log, std::vector<LogEntry> entries);

    Epoch open_sale(std::int64_t quantity, const std::string& product = "phone");
    std::int64_t stock(const std::string& product = "phone");
    std::string state(std::uint32_t order_number);
    std::int64_t count(db::Sql sql);

    OnLoop loop_;  // outlives the database
    testing::FixedClock clock_;
    std::unique_ptr<db::Database> database_;
    Store store_;
};

}  // namespace souk::flash
