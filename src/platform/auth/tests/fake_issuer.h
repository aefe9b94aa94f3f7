// An issuer for tests: it signs tokens, and answers fetches of its keys as a test says.
#pragma once

#include "platform/auth/base64url.h"
#include "platform/auth/issuer_keys.h"
#include "platform/auth/jwt.h"
#include "platform/auth/rsa.h"
#include "platform/auth/verifier.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace souk::auth {

using namespace std::chrono_literals;

// Made once for each test program; a second and a third for keys that are exchanged.
inline const RsaKeyPair& test_keys(std::size_t which = 0) {
    static const RsaKeyPair first = RsaKeyPair::make();
    if (which == 0) return first;
    static const RsaKeyPair second = RsaKeyPair::make();
    return second;
}

inline std::string token_of(const RsaKeyPair& keys, std::string_view key_id,
                            std::string_view claims) {
    const std::string text = unsigned_jwt(key_id, claims);
    return text + "." + to_base64url(keys.sign(text));
}

// A member of a key set; `more` are further members with a comma before each.
inline std::string jwk(std::string_view key_id, std::string_view modulus, std::string_view exponent,
                       const std::string& more = R"(,"use":"sig","alg":"RS256")") {
    return R"({"kty":"RSA","kid":")" + std::string(key_id) + R"(","n":")" + to_base64url(modulus) +
           R"(","e":")" + to_base64url(exponent) + "\"" + more + "}";
}

inline std::string jwk(std::string_view key_id, const RsaKeyPair& keys) {
    return jwk(key_id, keys.modulus(), keys.exponent());
}

inline std::string key_set(const std::string& members) { return R"({"keys":[)" + members + "]}"; }

// Any thread.
class FakeIssuer {
public:
    FakeIssuer() { answer(200, key_set(jwk("k1", test_keys()))); }

    void answer(int status, std::string body) {
        const std::lock_guard lock(mutex_);
        is_down_ = false;
        answer_.status = status;
        answer_.body = std::move(body);
    }
    void go_down() {
        const std::lock_guard lock(mutex_);
        is_down_ = true;
    }
    // From now on no fetch comes to its end before this event happens.
    std::shared_ptr<core::Event> hold() {
        const std::lock_guard lock(mutex_);
        return held_ = std::make_shared<core::Event>();
    }

    std::vector<net::Call> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }
    std::size_t fetches() const { return calls().size(); }

    Fetch fetch() {
        return [this](net::Call call) { return take(std::move(call)); };
    }

private:
    core::Task<net::Answer> take(net::Call call) {
        std::shared_ptr<core::Event> held;
        {
            const std::lock_guard lock(mutex_);
            calls_.push_back(std::move(call));
            held = held_;
        }
        if (held) co_await held->wait(1min);
        const std::lock_guard lock(mutex_);
        if (is_down_) throw core::Unavailable("the issuer is down");
        co_return answer_;
    }

    mutable std::mutex mutex_;
    std::shared_ptr<core::Event> held_;
    net::Answer answer_;
    bool is_down_ = false;
    std::vector<net::Call> calls_;
};

// A verifier with its issuer, clock and loop.
struct World {
    static constexpr std::int64_t start = 1'700'000'000;  // of the clock, in seconds

    explicit World(std::vector<std::string> parties = {}) {
        IssuerOptions options;
        options.issuer = "https://issuer.example/";
        options.authorized_parties = std::move(parties);
        auto keys = std::make_shared<IssuerKeys>(options.issuer, issuer.fetch(), clock);
        verifier = std::make_unique<KeyedVerifier>(
            KeyedVerifier::Parts{std::move(keys), std::move(options), "issuer"}, clock);
    }

    // For so many seconds from the start of the clock.
    static std::string claims(std::int64_t seconds = 60, const std::string& more = "") {
        return R"({"iss":"https://issuer.example","sub":"user_1","email":"ann@example.com",)"
               R"("name":"Ann","exp":)" +
               std::to_string(start + seconds) + more + "}";
    }
    static std::string token(std::int64_t seconds = 60) {
        return token_of(test_keys(), "k1", claims(seconds));
    }

    std::future<core::Result<Identity>> begin(std::string token, std::size_t on = 0) {
        return loop.start(verifier->verify(std::move(token)), on);
    }
    // "" when the token is accepted, else the code of the refusal.
    std::string verify(std::string token) {
        const core::Result<Identity> outcome = begin(std::move(token)).get();
        return outcome ? "" : std::string(outcome.error().code);
    }
    bool comes_to_fetches(std::size_t count) {
        return testing::comes_true([&] { return issuer.fetches() == count; });
    }

    testing::FixedClock clock{core::from_ms(start * 1'000)};
    FakeIssuer issuer;
    std::unique_ptr<KeyedVerifier> verifier;
    testing::OnLoop loop{2};
};

}  // namespace souk::auth
