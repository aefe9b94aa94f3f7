// souk store token: an identity for local work, with no account anywhere.
#include "main/commands/commands.h"
#include "main/commands/running_program.h"
#include "platform/auth/tokens.h"
#include "platform/core/clock.h"

#include <iostream>
#include <stdexcept>

namespace souk::commands {
namespace {

// The program accepts such tokens under the same conditions only.
void refuse_where_an_issuer_rules(const Config& config) {
    if (config.environment == "production") {
        throw std::runtime_error(
            "in production only tokens of CLERK_ISSUER are accepted; this one would be refused");
    }
    if (!config.store.clerk_issuer.empty()) {
        throw std::runtime_error("CLERK_ISSUER is set (" + config.store.clerk_issuer +
                                 "): tokens come from there, and this one would be refused. "
                                 "Unset it for local work");
    }
}

}  // namespace

int store_token(const CommandLine& line, const TokenWanted& wanted) {
    return with_settings("store token", line, [&wanted](const Config& config) {
        refuse_where_an_issuer_rules(config);
        const core::SystemClock clock;
        const auth::Identity who{.subject = wanted.subject.empty() ? wanted.email : wanted.subject,
                                 .email = wanted.email,
                                 .name = wanted.name};
        std::cout << auth::mint(config.data_dir, who, clock) << '\n';
        return done;
    });
}

}  // namespace souk::commands
