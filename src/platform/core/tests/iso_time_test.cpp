#include "platform/core/iso_time.h"

#include <gtest/gtest.h>

namespace souk::core {
namespace {

TEST(IsoTime, times_are_written_in_utc_with_milliseconds) {
    EXPECT_EQ(to_iso8601(from_ms(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_iso8601(from_ms(1'795'279'232'123)), "2026-11-21T16:40:32.123Z");
    EXPECT_EQ(to_iso8601(from_ms(1'709'251'199'999)), "2024-02-29T23:59:59.999Z");
    EXPECT_EQ(to_iso8601(from_ms(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_iso8601(from_ms(5) + std::chrono::microseconds(999)), "1970-01-01T00:00:00.005Z");
}

TEST(IsoTime, and_in_whole_seconds_where_a_contract_shows_no_more) {
    EXPECT_EQ(to_iso8601_seconds(from_ms(1'795'279'232'999)), "2026-11-21T16:40:32Z");
    EXPECT_EQ(to_iso8601_seconds(from_ms(-1)), "1969-12-31T23:59:59Z");
}

}  // namespace
}  // namespace souk::core
