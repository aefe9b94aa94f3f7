#include "main/services/store_parts.h"

#include "main/databases.h"

#include <chrono>

namespace souk {
namespace {

net::Tls tls_of(const std::string& word) {
    if (word == "implicit") return net::Tls::implicit;
    return word == "none" ? net::Tls::none : net::Tls::starttls;
}

}  // namespace

std::unique_ptr<cache::Cache> open_store_cache(const Config& config, const core::Clock& clock) {
    if (config.store.redis_url.empty()) return cache::local(clock);
    return cache::redis(*redis_address(config), clock);
}

bool may_keep_lists(const Config& config) {
    return !config.store.redis_url.empty() || is_store_embedded(config);
}

std::unique_ptr<auth::Verifier> open_verifier(const Config& config, net::Client& client,
                                              const core::Clock& clock) {
    if (config.store.clerk_issuer.empty()) return auth::local(config.data_dir, clock);
    return auth::issuer({.issuer = config.store.clerk_issuer,
                         .authorized_parties = config.store.clerk_authorized_parties,
                         .clock_skew = std::chrono::seconds(config.store.clerk_clock_skew_seconds)},
                        client, clock);
}

net::MailServer mail_server(const Config& config) {
    const store::Config& set = config.store;
    return {.host = set.smtp_host,
            .port = set.smtp_port,
            .tls = tls_of(set.smtp_tls),
            .user = set.smtp_user,
            .password = set.smtp_password};
}

std::unique_ptr<mail::Sender> open_mail(const Config& config, net::Client& client,
                                        const core::Clock& clock) {
    const store::Config& set = config.store;
    if (!set.smtp_host.empty()) {
        return mail::smtp({.server = mail_server(config), .from = set.mail_from}, client, clock);
    }
    if (set.resend_api_key.empty()) return nullptr;
    return mail::resend(
        {.key = set.resend_api_key, .from = set.mail_from, .address = set.resend_api_url}, client);
}

}  // namespace souk
