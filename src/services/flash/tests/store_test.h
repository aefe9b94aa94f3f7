// What the store must do on every engine; instantiated once per engine, in a test program of its
// own.
#pragma once

#include "platform/db/database.h"
#include "platform/testing/engine.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"
#include "services/flash/store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace souk::flash {

using testing::Engine;

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

    testing::OnLoop loop_;  // outlives the database
    testing::FixedClock clock_;
    std::unique_ptr<db::Database> database_;
    Store store_;
};

}  // namespace souk::flash
