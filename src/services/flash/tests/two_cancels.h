// Two clicks on one cancel button while the database fails.
#pragma once

#include "services/flash/tests/room.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <utility>

namespace souk::flash {

// Whatever the answer was; a client that got 500 may ask again.
inline void settle(std::future<core::Result<Cancelled>> cancel) {
    try {
        (void)OnLoop::finish(std::move(cancel));
    } catch (const core::Unavailable&) {
        SUCCEED();
    }
}

// The database fails at its n-th call from here on. Nothing is in doubt any more at the end.
inline void cancel_twice(Room& room, const std::string& id, int n, testing::Failing how) {
    const auto is_ready = [](const std::future<core::Result<Cancelled>>& cancel) {
        return cancel.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    room.database.fail_nth(n, how);
    auto first = room.loop.start(room.operations.cancel(id, std::nullopt));
    auto second = room.loop.start(room.operations.cancel(id, std::nullopt));
    ASSERT_TRUE(comes_true(
        [&] { return room.database.failures() > 0 || (is_ready(first) && is_ready(second)); }));
    room.database.heal();
    ASSERT_TRUE(comes_true([&] {  // one may wait until the other's doubt is settled
        room.loop.wait(room.operations.settle_doubts());
        return is_ready(first) && is_ready(second);
    }));
    settle(std::move(first));
    settle(std::move(second));
    room.loop.wait(room.operations.settle_doubts());
}

}  // namespace souk::flash
