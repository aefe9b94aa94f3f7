#include "services/store/settings.h"

#include <iterator>
#include <utility>

namespace souk::store {
namespace {

bool is_web_address(std::string_view value) {
    return value.starts_with("http://") || value.starts_with("https://");
}

std::string web_address_fault(const std::string& value) {
    if (value.empty() || is_web_address(value)) return "";
    return "must begin with http:// or https://";
}

std::string postgres_fault(const std::string& value) {
    if (value.empty() || value.starts_with("postgres://") || value.starts_with("postgresql://"))
        return "";
    return "must be postgres://user:password@host:port/name, or unset for SQLite";
}

// A path or file: is a SQLite file (section 9), so only unknown schemes are wrong.
std::string turso_fault(const std::string& value) {
    if (value.starts_with("libsql://") || is_web_address(value)) return "";
    return value.find("://") == std::string::npos
               ? ""
               : "must be libsql://host, http(s)://host:port, file:path or a path";
}

// What a browser sends as Origin; a slash at the end is forgiven (section 8).
std::string origins_fault(const std::string& value) {
    for (const std::string& word : config::split_words(value)) {
        const std::size_t scheme = word.find("://");
        const bool fine = is_web_address(word) && word.size() > scheme + 3 &&
                          word.find_first_of("/?#@ \\*", scheme + 3) >= word.size() - 1;
        if (!fine) return "holds " + word + ", which is no origin like https://shop.example";
    }
    return "";
}

std::string address_fault(const std::string& value) {
    if (value.empty()) return "";
    const std::size_t at = value.find('@');
    const bool fine = at != std::string::npos && at > 0 && at + 1 < value.size() &&
                      value.find_first_of("\r\n") == std::string::npos;
    return fine ? "" : "must be a mail address";
}

config::Settings row_settings(Config& into) {
    using namespace config;
    return {
        text("store.database_url", into.database_url,
             "postgres://… for the tables; unset: SQLite in the data directory")
            .also("DATABASE_URL")
            .hiding_password()
            .check(postgres_fault),
        text("store.turso_database_url", into.turso_database_url,
             "libsql://… or http(s)://… of a libSQL server for the tables; file:… or a path: that "
             "SQLite file")
            .also("TURSO_DATABASE_URL")
            .hiding_password()
            .check(turso_fault),
        secret("store.turso_auth_token", into.turso_auth_token, "token for the libSQL server")
            .also("TURSO_AUTH_TOKEN"),
        text("store.redis_url", into.redis_url,
             "Redis for lists and limits: host, host:port or redis(s)://…; unset: none")
            .also("REDIS_URL")
            .hiding_password(),
        whole_number("store.redis_port", into.redis_port, {1, 65'535},
                     "port of Redis when the address has none")
            .also("REDIS_PORT"),
        text("store.redis_username", into.redis_username,
             "user of Redis when the address has none; default: the password alone is sent")
            .also("REDIS_USERNAME"),
        secret("store.redis_password", into.redis_password,
               "password of Redis when the address has none")
            .also("REDIS_PASSWORD"),
    };
}

config::Settings identity_settings(Config& into) {
    using namespace config;
    return {
        text("store.clerk_issuer", into.clerk_issuer,
             "issuer of the tokens; unset: tokens of `souk store token` are accepted")
            .also("CLERK_ISSUER")
            .check(web_address_fault)
            .required_in_production(),
        secret("store.clerk_secret_key", into.clerk_secret_key, "accepted, not needed")
            .also("CLERK_SECRET_KEY"),
        words("store.clerk_authorized_parties", into.clerk_authorized_parties,
              "origins that tokens may have been issued for (azp); unset: any")
            .also("CLERK_AUTHORIZED_PARTIES"),
        whole_number("store.clerk_clock_skew_seconds", into.clerk_clock_skew_seconds, {0, 300},
                     "by how much the issuer's clock may differ")
            .also("CLERK_CLOCK_SKEW_SECONDS"),
        secret("store.image_kit_private_key", into.image_kit_private_key,
               "key that signs uploads; unset: /api/cdn-auth answers 500")
            .also("IMAGE_KIT_PRIVATE_KEY"),
        text("store.image_kit_public_key", into.image_kit_public_key, "accepted, not needed")
            .also("IMAGE_KIT_PUBLIC_KEY"),
        text("store.image_kit_url", into.image_kit_url, "accepted, not needed")
            .also("IMAGE_KIT_URL"),
        secret("store.groq_api_key", into.groq_api_key, "accepted, not needed")
            .also("GROQ_API_KEY"),
    };
}

config::Settings mail_settings(Config& into) {
    using namespace config;
    return {
        text("store.smtp_host", into.smtp_host, "mail server; unset: no SMTP").also("SMTP_HOST"),
        whole_number("store.smtp_port", into.smtp_port, {1, 65'535}, "port of the mail server")
            .also("SMTP_PORT"),
        text("store.smtp_tls", into.smtp_tls, "how the connection to it is made safe")
            .also("SMTP_TLS")
            .one_of({"starttls", "implicit", "none"}),
        text("store.smtp_user", into.smtp_user, "user there; unset: none").also("SMTP_USER"),
        secret("store.smtp_password", into.smtp_password, "password there").also("SMTP_PASSWORD"),
        text("store.smtp_from_email", into.mail_from, "our own address, the sender of all mail")
            .also("SMTP_FROM_EMAIL")
            .check(address_fault),
        secret("store.resend_api_key", into.resend_api_key,
               "key of Resend, used when there is no mail server")
            .also("RESEND_API_KEY"),
        text("store.resend_api_url", into.resend_api_url, "where Resend is")
            .also("RESEND_API_URL")
            .check(web_address_fault),
        text("store.contact_to_email", into.contact_to_email,
             "who gets what the contact form is sent; unset: nobody by mail")
            .also("CONTACT_TO_EMAIL")
            .check(address_fault),
        text("store.contact_webhook_url", into.contact_webhook_url,
             "where the contact form's messages are sent as JSON; unset: nowhere")
            .also("CONTACT_WEBHOOK_URL")
            .hiding_password()
            .check(web_address_fault),
    };
}

}  // namespace

config::Settings settings(Config& into) {
    using namespace config;
    config::Settings rows = {
        whole_number("store.port", into.port, {1, 65'535}, "port of the API").also_alone("PORT"),
        words("store.frontend_url", into.frontend_urls, "origins whose pages may call the API")
            .also("FRONTEND_URL")
            .check(origins_fault),
        config::flag("store.checkout", into.checkout,
                     "whether POST /api/checkout, which the contract does not have, is there"),
    };
    for (config::Settings more :
         {row_settings(into), identity_settings(into), mail_settings(into)}) {
        rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
    }
    return rows;
}

std::vector<std::string> contradictions(const Config& config) {
    std::vector<std::string> found;
    const bool has_mail = !config.smtp_host.empty() || !config.resend_api_key.empty();
    if (!config.database_url.empty() && !config.turso_database_url.empty()) {
        found.emplace_back(
            "STORE_DATABASE_URL and TURSO_DATABASE_URL are both set; the tables can be in one "
            "place only");
    }
    if (has_mail && config.mail_from.empty()) {
        found.emplace_back(
            "SMTP_FROM_EMAIL is not set, though SMTP_HOST or RESEND_API_KEY is; mail needs a "
            "sender");
    }
    return found;
}

}  // namespace souk::store
