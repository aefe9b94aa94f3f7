// Every writing operation of the store with its n-th step failing, for every n; instantiated for
// each way in which a database can fail.
#pragma once

#include "platform/testing/fixed_clock.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/on_loop.h"
#include "services/flash/store.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace souk::flash {

// A new, empty database that can be made to fail.
class BreakableDatabase {
public:
    virtual ~BreakableDatabase() = default;
    virtual void fail_nth(int n, bool lasts) = 0;
    virtual int failures() const = 0;
    virtual void heal() = 0;
    virtual db::Database& database() = 0;
};

// One in front of a real database, whichever that is.
class FlakyBreakable : public BreakableDatabase {
public:
    FlakyBreakable(testing::Failing how, std::unique_ptr<db::Database> real)
        : flaky_(std::move(real)), how_(how) {}

    void fail_nth(int n, bool lasts) override {
        if (lasts) {
            flaky_.fail_from(n, how_);
        } else {
            flaky_.fail_nth(n, how_);
        }
    }
    int failures() const override { return flaky_.failures(); }
    void heal() override { flaky_.heal(); }
    db::Database& database() override { return flaky_; }

protected:
    testing::FlakyDatabase flaky_;

private:
    const testing::Failing how_;
};

struct Breakage {
    std::string name;
    std::unique_ptr<BreakableDatabase> (*make)();
};

inline void PrintTo(const Breakage& breakage, std::ostream* out) { *out << breakage.name; }

// What an operation works on.
struct Swept {
    Store& store;
    db::Database& database;
    const core::Clock& clock;
};

// An operation: what comes before it, and itself. When it failed, doing it again must lead to the
// same state as doing it once, but for those that are never repeated (`again` is another state).
struct SweptOperation {
    std::function<core::Task<>(Swept&)> before;
    std::function<core::Task<>(Swept&)> act;
    bool repeatable = true;
};

class StoreSweep : public ::testing::TestWithParam<Breakage> {
protected:
    void sweep(const SweptOperation& operation);

    // All tables as text, but for times.
    static std::string tables(testing::OnLoop& loop, db::Database& database);

private:
    struct States {
        std::string before;
        std::string after;
        std::string twice;
    };
    States states_without_fault(const SweptOperation& operation);
    int run(const SweptOperation& operation, const States& states, int n, bool lasts);

    testing::OnLoop loop_;  // outlives the databases
    testing::FixedClock clock_;
};

}  // namespace souk::flash
