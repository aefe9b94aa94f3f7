// What can be set about store (spec section 10).
#pragma once

#include "platform/config/setting.h"

#include <cstdint>
#include <string>
#include <vector>

namespace souk::store {

struct Config {
    std::uint16_t port = 8001;
    std::string database_url;        // postgres://…
    std::string turso_database_url;  // libsql://…, http(s)://…, file:… or a path
    std::string turso_auth_token;
    std::string clerk_issuer;
    std::string clerk_secret_key;  // accepted, not needed
    std::vector<std::string> clerk_authorized_parties;
    int clerk_clock_skew_seconds = 5;
    std::string image_kit_private_key;
    std::string image_kit_public_key;  // this and the address are accepted, not needed
    std::string image_kit_url;
    std::string redis_url;  // host, host:port or a URL; read by the cache (S16)
    int redis_port = 14'027;
    std::string redis_username = "default";
    std::string redis_password;
    std::vector<std::string> frontend_urls = {"http://localhost:3000"};
    std::string groq_api_key;  // accepted, not needed
    std::string smtp_host;
    int smtp_port = 587;
    std::string smtp_tls = "starttls";  // or "implicit", "none"
    std::string smtp_user;
    std::string smtp_password;
    std::string mail_from;
    std::string resend_api_key;
    std::string resend_api_url = "https://api.resend.com";
    std::string contact_to_email;
    std::string contact_webhook_url;
    bool checkout = false;
};

config::Settings settings(Config& into);

// What rows cannot see one by one: settings that contradict each other. One sentence for each.
std::vector<std::string> contradictions(const Config& config);

}  // namespace souk::store
