// Sessions and signing in, against a clock that stands still.
#include "main/operations/access/access.h"

#include "main/operations/access/session.h"
#include "platform/testing/fixed_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace souk::operations {
namespace {

using namespace std::chrono_literals;

TEST(Session, it_is_good_until_its_time_and_under_its_token) {
    const core::Time now = core::from_ms(1'700'000'000'500);
    const std::string session = make_session("token", now + 10s);

    EXPECT_TRUE(is_session(session, "token", now));
    EXPECT_TRUE(is_session(session, "token", now + 9s));
    EXPECT_FALSE(is_session(session, "token", now + 10s));
    EXPECT_FALSE(is_session(session, "token2", now));
    EXPECT_FALSE(is_session(session, "", now));
}

TEST(Session, nothing_else_is_one) {
    const core::Time now = core::from_ms(1'700'000'000'000);
    const std::string session = make_session("token", now + 10s);
    std::vector<std::string> others{"", ".", "x", "1700000010", "1700000010."};
    for (std::size_t i = 0; i < session.size(); ++i) {
        std::string changed = session;
        changed[i] = changed[i] == '1' ? '2' : '1';
        others.push_back(changed);
        others.push_back(session.substr(0, i));
        others.push_back(session.substr(0, i) + "0" + session.substr(i));
    }
    others.push_back(session + " ");
    for (const std::string& each : others) {
        if (each != session) EXPECT_FALSE(is_session(each, "token", now)) << each;
    }
}

TEST(Session, secrets_are_the_same_or_not) {
    EXPECT_TRUE(same_secret("", ""));
    EXPECT_TRUE(same_secret("abc", "abc"));
    EXPECT_FALSE(same_secret("abc", "abd"));
    EXPECT_FALSE(same_secret("abc", "abcd"));
    EXPECT_FALSE(same_secret("", "a"));
}

TEST(Access, a_name_is_ours_with_a_port_or_nothing_behind_it) {
    const testing::FixedClock clock;
    const Access access({"", "10.0.0.5"}, clock);
    const auto is_fine = [&access](std::string_view host) {
        const std::vector<http::Header> headers{
            {"Host", host}
        };
        http::Request request;
        request.headers = headers;
        return static_cast<bool>(access.check(request, http::Auth::admin));
    };

    for (const char* host : {"localhost", "LocalHost:9090", "127.0.0.1:1", "[::1]", "[::1]:9090",
                             "localhost:", "10.0.0.5:9090"})
        EXPECT_TRUE(is_fine(host)) << host;
    for (const char* host :
         {"", "evil.example", "localhost.evil.example", "localhost:80.evil.example",
          "localhost:80@evil.example", "[::1].evil.example", "[::1", "[::1]9090", "10.0.0.50"})
        EXPECT_FALSE(is_fine(host)) << host;
}

TEST(SignIn, ten_wrong_tokens_are_told_at_once_and_one_every_ten_seconds_after_that) {
    testing::FixedClock clock;
    Access access({"token", "127.0.0.1"}, clock);
    using enum Access::SignIn;

    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(access.sign_in("wrong"), wrong);
        if (i < 9) EXPECT_EQ(access.sign_in("token"), right) << "a right one takes nothing";
    }
    EXPECT_EQ(access.sign_in("wrong"), too_many);
    clock.advance(9s);
    EXPECT_EQ(access.sign_in("wrong"), too_many);
    clock.advance(1s + 1ms);
    EXPECT_EQ(access.sign_in("wrong"), wrong);
    EXPECT_EQ(access.sign_in("wrong"), too_many);
    clock.advance(24h);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(access.sign_in("wrong"), wrong);
    EXPECT_EQ(access.sign_in("wrong"), too_many) << "they do not pile up";
}

TEST(SignIn, who_guesses_does_not_lock_the_owner_out) {
    const testing::FixedClock clock;
    Access access({"token", "127.0.0.1"}, clock);
    using enum Access::SignIn;

    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(access.sign_in("wrong"), i < 10 ? wrong : too_many);
        EXPECT_EQ(access.sign_in("token"), right);
    }
}

}  // namespace
}  // namespace souk::operations
