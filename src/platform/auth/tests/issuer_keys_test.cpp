// When an issuer's keys are fetched, and what counts while they cannot be (store.md, decision
// S4.6).
#include "platform/auth/issuer_keys.h"

#include "platform/auth/tests/fake_issuer.h"

#include <gtest/gtest.h>

#include <string>

namespace souk::auth {
namespace {

std::string token_of_key(std::string_view key_id, const RsaKeyPair& keys = test_keys()) {
    // Valid for two days, as the tests move the clock.
    return token_of(keys, key_id, World::claims(2 * 86'400));
}

TEST(IssuerKeys, are_asked_for_where_the_standard_has_them) {
    World world;
    world.verify(World::token());

    const std::vector<net::Call> calls = world.issuer.calls();
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].url, "https://issuer.example/.well-known/jwks.json");
    EXPECT_EQ(calls[0].method, "GET");
    EXPECT_EQ(calls[0].patience, 3s);
    EXPECT_EQ(calls[0].body_bytes_max, 262'144U);
}

TEST(IssuerKeys, are_fetched_before_the_first_token_when_somebody_asks) {
    World world;
    EXPECT_FALSE(world.verifier->is_up());
    const auto prepare = [&] { world.loop.wait(world.verifier->prepare()); };

    prepare();
    prepare();

    EXPECT_TRUE(world.verifier->is_up());
    EXPECT_EQ(world.verify(World::token()), "");
    EXPECT_EQ(world.issuer.fetches(), 1U);
}

TEST(IssuerKeys, that_were_never_had_are_unavailable) {
    const std::string weak = key_set(R"({"kty":"RSA","kid":"k1","n":"AQAB","e":"AQAB"})");
    const std::pair<int, std::string> answers[] = {
        {500, key_set(jwk("k1", test_keys()))},
        {302, key_set(jwk("k1", test_keys()))},
        {404, "not found"},
        {200, "<html></html>"},
        {200, R"({"keys":[]})"},
        {200, weak}
    };
    for (const auto& [status, body] : answers) {
        World world;
        world.issuer.answer(status, body);
        const core::Result<Identity> outcome = world.begin(World::token()).get();
        ASSERT_FALSE(outcome) << status << body;
        EXPECT_EQ(outcome.error().code, keys_unavailable_code);
        EXPECT_EQ(outcome.error().fault, core::Fault::unavailable);
        EXPECT_FALSE(world.verifier->is_up());
    }
}

TEST(IssuerKeys, that_were_never_had_are_asked_for_once_a_second) {
    World world;
    world.issuer.go_down();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(world.verify(World::token()), keys_unavailable_code);
    EXPECT_EQ(world.issuer.fetches(), 1U);

    world.clock.advance(1s - 1ns);
    EXPECT_EQ(world.verify(World::token()), keys_unavailable_code);
    EXPECT_EQ(world.issuer.fetches(), 1U);
    world.clock.advance(1ns);
    world.issuer.answer(200, key_set(jwk("k1", test_keys())));

    EXPECT_EQ(world.verify(World::token()), "");
    EXPECT_EQ(world.issuer.fetches(), 2U);
}

TEST(IssuerKeys, that_come_slowly_after_a_failure_do_not_hold_up_everybody) {
    World world;
    world.issuer.go_down();
    ASSERT_EQ(world.verify(World::token()), keys_unavailable_code);
    world.clock.advance(1s);
    world.issuer.answer(200, key_set(jwk("k1", test_keys())));
    const std::shared_ptr<core::Event> held = world.issuer.hold();

    std::future<core::Result<Identity>> outcome = world.begin(World::token());
    EXPECT_EQ(outcome.wait_for(IssuerKeys::fetch_ms_max), std::future_status::ready);
    EXPECT_EQ(outcome.get().error().code, keys_unavailable_code);
    held->set();

    EXPECT_TRUE(testing::comes_true([&] { return world.verifier->is_up(); }));
    EXPECT_EQ(world.verify(World::token()), "");
    EXPECT_EQ(world.issuer.fetches(), 2U);
}

TEST(IssuerKeys, are_refreshed_after_their_life_while_nobody_waits) {
    for (const bool is_known : {true, false}) {
        World world;
        ASSERT_EQ(world.verify(token_of_key("k1")), "");
        const std::shared_ptr<core::Event> held = world.issuer.hold();
        world.clock.advance(300s - 1ns);
        ASSERT_EQ(world.verify(token_of_key("k1")), "");
        ASSERT_EQ(world.issuer.fetches(), 1U);

        world.clock.advance(1ns);
        const std::string token =
            is_known ? token_of_key("k1") : token_of(test_keys(), "k1", World::claims(600));
        for (int i = 0; i < 10; ++i) EXPECT_EQ(world.verify(token), "");

        EXPECT_TRUE(world.comes_to_fetches(2));
        held->set();
    }
}

TEST(IssuerKeys, that_leave_the_set_take_their_tokens_with_them) {
    World world;
    ASSERT_EQ(world.verify(token_of_key("k1")), "");
    world.issuer.answer(200, key_set(jwk("k2", test_keys(1))));
    const std::shared_ptr<core::Event> held = world.issuer.hold();
    world.clock.advance(300s);
    EXPECT_EQ(world.verify(token_of_key("k1")), "") << "the refresh is only beginning";

    held->set();

    EXPECT_TRUE(testing::comes_true(
        [&] { return world.verify(token_of_key("k1")) == invalid_token_code; }));
    EXPECT_EQ(world.verify(token_of_key("k2", test_keys(1))), "");
}

TEST(IssuerKeys, that_are_exchanged_under_one_id_take_their_tokens_with_them) {
    World world;
    ASSERT_EQ(world.verify(token_of_key("k1")), "");
    world.issuer.answer(200, key_set(jwk("k1", test_keys(1))));
    ASSERT_EQ(world.verify(token_of_key("unknown")), invalid_token_code);

    EXPECT_EQ(world.verify(token_of_key("k1")), invalid_token_code);
    EXPECT_EQ(world.verify(token_of_key("k1", test_keys(1))), "");
}

TEST(IssuerKeys, that_stay_in_the_set_keep_their_tokens) {
    World world;
    ASSERT_EQ(world.verify(token_of_key("k1")), "");
    world.issuer.answer(200, key_set(jwk("k1", test_keys()) + "," + jwk("k2", test_keys(1))));
    ASSERT_EQ(world.verify(token_of_key("k2", test_keys(1))), "");
    world.clock.advance(1h);
    world.issuer.go_down();

    EXPECT_EQ(world.verify(token_of_key("k1")), "");
}

TEST(IssuerKeys, that_are_new_are_found_at_once_by_their_first_token) {
    World world;
    ASSERT_EQ(world.verify(token_of_key("k1")), "");
    world.issuer.answer(200, key_set(jwk("k2", test_keys(1))));

    EXPECT_EQ(world.verify(token_of_key("k2", test_keys(1))), "");
    EXPECT_EQ(world.issuer.fetches(), 2U);
}

TEST(IssuerKeys, are_not_fetched_twice_at_once_when_a_refresh_is_due_as_well) {
    World world;
    ASSERT_EQ(world.verify(token_of_key("k1")), "");
    const std::shared_ptr<core::Event> held = world.issuer.hold();
    std::future<core::Result<Identity>> unknown = world.begin(token_of_key("k2"));
    ASSERT_TRUE(world.comes_to_fetches(2));
    world.clock.advance(300s);

    for (int i = 0; i < 10; ++i) EXPECT_EQ(world.verify(token_of_key("k1")), "");
    held->set();

    EXPECT_EQ(unknown.get().error().code, invalid_token_code);
    EXPECT_EQ(world.verify(token_of_key("k1")), "");
    EXPECT_EQ(world.issuer.fetches(), 2U);
}

TEST(IssuerKeys, with_unknown_ids_cost_one_fetch_in_ten_seconds) {
    World world;
    ASSERT_EQ(world.verify(token_of_key("k1")), "");
    for (int second = 0; second < 60; ++second) {
        for (int i = 0; i < 5; ++i) {
            const std::string id = "flood-" + std::to_string(second * 5 + i);
            EXPECT_EQ(world.verify(token_of_key(id)), invalid_token_code);
        }
        EXPECT_EQ(world.issuer.fetches(), static_cast<std::size_t>(2 + second / 10));
        world.clock.advance(1s);
    }
}

TEST(IssuerKeys, with_unknown_ids_are_refused_also_when_the_issuer_is_down) {
    World world;
    ASSERT_EQ(world.verify(token_of_key("k1")), "");
    world.issuer.go_down();

    EXPECT_EQ(world.verify(token_of_key("k2")), invalid_token_code);
    EXPECT_EQ(world.verify(token_of_key("k1")), "");
}

TEST(IssuerKeys, are_used_for_a_day_while_no_refresh_works) {
    World world;
    ASSERT_EQ(world.verify(token_of_key("k1")), "");
    world.issuer.go_down();
    world.clock.advance(300s);
    for (std::size_t fetches = 2; fetches < 10; ++fetches) {  // one each ten seconds
        EXPECT_EQ(world.verify(token_of_key("k1")), "");
        EXPECT_TRUE(world.comes_to_fetches(fetches));
        world.clock.advance(10s);
    }
    world.clock.advance(24h - 300s - 80s - 1ns);
    EXPECT_EQ(world.verify(token_of_key("k1")), "") << "a token that was seen";
    EXPECT_EQ(world.verify(token_of(test_keys(), "k1", World::claims(172'700))), "") << "a new one";
    EXPECT_TRUE(world.verifier->is_up());

    world.clock.advance(1ns);

    EXPECT_FALSE(world.verifier->is_up());
    EXPECT_EQ(world.verify(token_of_key("k1")), keys_unavailable_code);
    world.clock.advance(1s);
    world.issuer.answer(200, key_set(jwk("k1", test_keys())));
    EXPECT_EQ(world.verify(token_of_key("k1")), "");
}

}  // namespace
}  // namespace souk::auth
