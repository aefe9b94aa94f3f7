// PER_IP_RPS: a bucket for each client, and a table of them that is bounded whatever comes.
#include "services/flash/client_limits.h"

#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;
using Address = ClientLimits::AddressBytes;

Address ipv4(std::uint32_t number) {
    Address address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    for (std::uint32_t i = 0; i < 4; ++i)
        address[12 + i] = static_cast<std::uint8_t>(number >> (24U - 8U * i));
    return address;
}

// 2001:db8:0:NETWORK::HOST
Address ipv6(std::uint8_t network, std::uint8_t host) {
    return {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, network, 0, 0, 0, 0, 0, 0, 0, host};
}

class ClientLimitsTest : public ::testing::Test {
protected:
    testing::FixedClock clock_;
    testing::SeededRandom random_;
};

TEST_F(ClientLimitsTest, a_client_gets_its_burst_and_then_its_rate) {
    ClientLimits limits(4, clock_, random_);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(limits.take(ipv4(1)));
    EXPECT_FALSE(limits.take(ipv4(1)));
    EXPECT_TRUE(limits.take(ipv4(2))) << "another has its own";

    clock_.advance(249ms);
    EXPECT_FALSE(limits.take(ipv4(1)));
    clock_.advance(1ms);
    EXPECT_TRUE(limits.take(ipv4(1)));
    EXPECT_FALSE(limits.take(ipv4(1))) << "a refusal took none, and one was all there was";

    clock_.advance(3s);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(limits.take(ipv4(1)));
    EXPECT_FALSE(limits.take(ipv4(1))) << "never more than a burst";
}

TEST_F(ClientLimitsTest, the_hosts_of_one_ipv6_network_are_one_client) {
    ClientLimits limits(1, clock_, random_);
    EXPECT_TRUE(limits.take(ipv6(1, 1)));
    EXPECT_FALSE(limits.take(ipv6(1, 2)));
    EXPECT_TRUE(limits.take(ipv6(2, 1)));
    EXPECT_EQ(limits.clients(), 2U);
}

TEST_F(ClientLimitsTest, the_table_is_bounded_and_who_finds_no_place_passes) {
    constexpr std::size_t bound = 1'600;
    ClientLimits limits(1, clock_, random_, bound);
    for (std::uint32_t i = 0; i < 100'000; ++i) EXPECT_TRUE(limits.take(ipv4(i)));
    EXPECT_LE(limits.clients(), bound);
    EXPECT_GT(limits.clients(), bound / 2);

    std::size_t refused = 0;
    for (std::uint32_t i = 0; i < 100'000; ++i) refused += limits.take(ipv4(i)) ? 0U : 1U;
    EXPECT_EQ(refused, limits.clients()) << "who has a place is held to the limit";
}

TEST_F(ClientLimitsTest, who_was_idle_for_a_second_makes_room) {
    ClientLimits limits(1, clock_, random_, 1'600);
    for (std::uint32_t i = 0; i < 100'000; ++i) limits.take(ipv4(i));
    clock_.advance(1s);
    for (std::uint32_t i = 200'000; i < 200'100; ++i) EXPECT_TRUE(limits.take(ipv4(i)));
    EXPECT_EQ(limits.clients(), 100U) << "every part of the table was looked through";
    for (std::uint32_t i = 200'000; i < 200'100; ++i) EXPECT_FALSE(limits.take(ipv4(i)));
}

TEST_F(ClientLimitsTest, switched_off_it_keeps_nobody) {
    ClientLimits limits(0, clock_, random_);
    EXPECT_FALSE(limits.is_on());
    for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(limits.take(ipv4(1)));
    EXPECT_EQ(limits.clients(), 0U);
}

TEST_F(ClientLimitsTest, a_clock_set_back_changes_nothing) {
    ClientLimits limits(2, clock_, random_);
    EXPECT_TRUE(limits.take(ipv4(1)));
    clock_.set(clock_.now() - 1h);
    EXPECT_TRUE(limits.take(ipv4(1)));
    EXPECT_FALSE(limits.take(ipv4(1)));
    clock_.advance(500ms);
    EXPECT_TRUE(limits.take(ipv4(1)));
}

}  // namespace
}  // namespace souk::flash
