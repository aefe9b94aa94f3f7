// Many requests at once, on several loops: they share one fetch, and see one set of keys.
#include "platform/auth/tests/fake_issuer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk::auth {
namespace {

using Outcomes = std::vector<std::future<core::Result<Identity>>>;

struct TwoLoops : World {
    // `count` verifications, spread over both loops.
    Outcomes begin_many(std::size_t count, const std::function<std::string(std::size_t)>& token) {
        Outcomes outcomes;
        for (std::size_t i = 0; i < count; ++i) outcomes.push_back(begin(token(i), i));
        return outcomes;
    }
    static std::size_t accepted(Outcomes outcomes) {
        std::size_t count = 0;
        for (auto& outcome : outcomes) count += outcome.get().has_value() ? 1 : 0;
        return count;
    }
};

TEST(ParallelTokens, share_the_first_fetch) {
    TwoLoops world;
    const std::shared_ptr<core::Event> held = world.issuer.hold();

    Outcomes outcomes = world.begin_many(
        64, [](std::size_t i) { return World::token(60 + static_cast<std::int64_t>(i)); });
    ASSERT_TRUE(world.comes_to_fetches(1));
    held->set();

    EXPECT_EQ(TwoLoops::accepted(std::move(outcomes)), 64U);
    EXPECT_EQ(world.issuer.fetches(), 1U);
}

TEST(ParallelTokens, with_a_new_key_share_one_refresh) {
    TwoLoops world;
    ASSERT_EQ(world.verify(World::token()), "");
    world.issuer.answer(200, key_set(jwk("k2", test_keys(1))));
    const std::shared_ptr<core::Event> held = world.issuer.hold();

    Outcomes outcomes = world.begin_many(64, [](std::size_t i) {
        return token_of(test_keys(1), "k2", World::claims(60 + static_cast<std::int64_t>(i)));
    });
    ASSERT_TRUE(world.comes_to_fetches(2));
    held->set();

    EXPECT_EQ(TwoLoops::accepted(std::move(outcomes)), 64U);
    EXPECT_EQ(world.issuer.fetches(), 2U);
}

TEST(ParallelTokens, share_one_failure) {
    TwoLoops world;
    world.issuer.go_down();
    const std::shared_ptr<core::Event> held = world.issuer.hold();

    Outcomes outcomes = world.begin_many(64, [](std::size_t) { return World::token(); });
    ASSERT_TRUE(world.comes_to_fetches(1));
    held->set();

    EXPECT_EQ(TwoLoops::accepted(std::move(outcomes)), 0U);
    EXPECT_EQ(world.issuer.fetches(), 1U);
}

// Under the thread sanitizer this is where a race would show.
TEST(ParallelTokens, are_right_while_keys_come_and_go) {
    TwoLoops world;
    const std::string first = token_of(test_keys(), "k1", World::claims(86'400));
    const std::string second = token_of(test_keys(1), "k2", World::claims(86'400));
    const std::string both = key_set(jwk("k1", test_keys()) + "," + jwk("k2", test_keys(1)));
    const std::string one = key_set(jwk("k1", test_keys()));
    const std::string foreign = token_of(test_keys(1), "k1", World::claims(86'400));
    ASSERT_EQ(world.verify(first), "");

    for (int round = 0; round < 40; ++round) {
        world.issuer.answer(200, round % 2 == 0 ? both : one);
        world.clock.advance(301s);
        Outcomes good = world.begin_many(20, [&](std::size_t) { return first; });
        Outcomes changing = world.begin_many(20, [&](std::size_t) { return second; });
        Outcomes bad = world.begin_many(20, [&](std::size_t) { return foreign; });
        EXPECT_EQ(TwoLoops::accepted(std::move(good)), 20U);
        EXPECT_LE(TwoLoops::accepted(std::move(changing)), 20U);
        EXPECT_EQ(TwoLoops::accepted(std::move(bad)), 0U);
    }
}

}  // namespace
}  // namespace souk::auth
