// What store borrows from the platform, made as the settings say.
#pragma once

#include "main/settings.h"
#include "platform/auth/tokens.h"
#include "platform/cache/open.h"
#include "platform/core/clock.h"
#include "platform/mail/mail.h"
#include "platform/net/client.h"

#include <memory>

namespace souk {

// Redis when it is set; otherwise in this process.
std::unique_ptr<cache::Cache> open_store_cache(const Config& config, const core::Clock& clock);

// Whether lists may be kept in that cache: another process could write to a database elsewhere, and
// a cache in this one would not hear of it.
bool may_keep_lists(const Config& config);

// Tokens of the issuer; without one, in development, those of `souk store token`.
std::unique_ptr<auth::Verifier> open_verifier(const Config& config, net::Client& client,
                                              const core::Clock& clock);

// What is set of the mail server; no host: none.
net::MailServer mail_server(const Config& config);

// Null: nothing is set that sends mail.
std::unique_ptr<mail::Sender> open_mail(const Config& config, net::Client& client,
                                        const core::Clock& clock);

}  // namespace souk
