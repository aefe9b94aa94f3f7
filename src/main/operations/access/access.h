// Who may ask the operations listener (design section 4). Without a token: programs and browsers
// under this machine's own names. With one: who sends it, or has signed in with it.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/result.h"
#include "platform/http/request.h"
#include "platform/http/route.h"

#include <mutex>
#include <string>
#include <string_view>

namespace souk::operations {

class Access {
public:
    struct Settings {
        std::string token;    // empty: none is asked for
        std::string address;  // of the listener
    };

    Access(Settings settings, const core::Clock& clock);

    // The room's authenticate: Auth::optional asks for no token.
    core::Result<> check(const http::Request& request, http::Auth auth) const;

    bool asks_for_token() const { return !settings_.token.empty(); }

    // Whether details are for this caller.
    bool knows(const http::Request& request) const;

    enum class SignIn { right, wrong, too_many };
    // The right token always lets in, so that nobody who guesses can lock its owner out. Of wrong
    // ones a few a minute are told apart, and logged; the others are too many.
    SignIn sign_in(std::string_view token);

    // The value of Set-Cookie.
    std::string new_cookie() const;
    static std::string dropped_cookie();

private:
    bool is_own_host(const http::Request& request) const;
    bool has_session(const http::Request& request) const;

    const Settings settings_;
    const core::Clock& clock_;

    std::mutex mutex_;
    double tries_left_;
    core::Instant counted_at_;
};

}  // namespace souk::operations
