// An issuer and a mail server that do as a test says.
#pragma once

#include "platform/auth/tokens.h"
#include "platform/mail/mail.h"

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace souk::store {

// The token is the email, with the name behind a comma: "bob@shop.example,Bob". "expired" and
// "unknown" are what they say.
class FakeVerifier final : public auth::Verifier {
public:
    core::Task<core::Result<auth::Identity>> verify(std::string token) override {
        using enum core::Fault;
        if (!has_keys) co_return core::Error{unavailable, auth::keys_unavailable_code, "no keys"};
        if (token == "expired") co_return core::Error{unauthorized, auth::token_expired_code, "x"};
        if (token == "unknown") co_return core::Error{unauthorized, auth::invalid_token_code, "x"};
        const std::size_t comma = token.find(',');
        auth::Identity who{.subject = "user_1", .email = token.substr(0, comma), .name = {}};
        if (who.email == "-") who.email.clear();  // a Bearer token is never empty
        if (comma != std::string::npos) who.name = token.substr(comma + 1);
        co_return who;
    }
    bool is_up() const override { return has_keys; }
    std::string describe() const override { return "a test's issuer"; }

    std::atomic<bool> has_keys{true};
};

class FakeMail final : public mail::Sender {
public:
    core::Task<> send(mail::Message message) override {
        if (is_refusing) throw net::Refused("550 no such user");
        if (is_down) throw core::Unavailable("421 come back later");
        const std::lock_guard lock(mutex_);
        sent_.push_back(std::move(message));
        co_return;
    }
    std::string describe() const override { return "a test's mail server"; }

    std::vector<mail::Message> sent() const {
        const std::lock_guard lock(mutex_);
        return sent_;
    }

    std::atomic<bool> is_down{false};
    std::atomic<bool> is_refusing{false};

private:
    mutable std::mutex mutex_;
    std::vector<mail::Message> sent_;
};

}  // namespace souk::store
