// The doctor's look at what store needs: its tables, Redis, the issuer of its tokens, and settings
// in doubt.
#include "main/commands/doctor/doctor.h"
#include "main/commands/doctor/tables.h"
#include "main/commands/tables.h"
#include "platform/cache/open.h"
#include "platform/core/error.h"
#include "platform/net/call.h"
#include "services/store/contact_messages.h"
#include "store/schema.h"

#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>

namespace souk::commands {
namespace {

constexpr std::chrono::seconds patience{3};
constexpr std::int64_t redis_major_min = 7;

db::Dialect dialect_of(const Config& config) {
    return config.store.database_url.empty() ? db::Dialect::sqlite : db::Dialect::postgres;
}

core::Task<Finding> check_messages(db::Database& tables) {
    const store::ContactCounts counts = co_await store::count_contacts(tables);
    if (counts.failed == 0) {
        co_return ok("store contact form", std::to_string(counts.pending) + " on their way, " +
                                               std::to_string(counts.sent) + " forwarded");
    }
    co_return Finding{
        "store contact form", "warning",
        std::to_string(counts.failed) + " messages could not be forwarded",
        "somebody wrote to the shop and nobody has read it",
        "`souk store contact list --state failed` shows them and why; mend the cause, "
        "then `souk store contact resend --failed`"};
}

core::Task<Findings> look(db::Database& tables, db::Dialect dialect) {
    Findings all;
    all.push_back(co_await check_version("store database", tables, dialect));
    all.push_back(co_await check_schema("store tables", tables, store::migrations(), dialect));
    all.push_back(co_await check_messages(tables));
    co_return all;
}

const char* how_to_mend(const Config& config) {
    if (is_store_embedded(config)) return "restore the file from a backup, or mend the disk";
    return config.store.database_url.empty()
               ? "check TURSO_DATABASE_URL, TURSO_AUTH_TOKEN and the network"
               : "start PostgreSQL, and check STORE_DATABASE_URL and the network";
}

}  // namespace

Findings check_store_tables(const Config& config) {
    if (is_store_embedded(config) && !std::filesystem::exists(store_file(config))) {
        return {
            ok("store database", store_file(config) + " is not there; the first start makes it")};
    }
    try {
        return read_store(
            config, [&config](db::Database& tables) { return look(tables, dialect_of(config)); });
    } catch (const core::Unavailable& down) {
        return {
            {"store database", "wrong", down.what(),
             "nothing can be read or bought; lists that are in the cache are still shown", how_to_mend(config)}
        };
    } catch (const std::exception& problem) {
        return {
            {"store database", "warning", problem.what(),
             "the tables are not (all) there yet, or are not souk's", "`souk migrate` makes them; the next start does so as well"}
        };
    }
}

Finding check_store_cache(const Config& config) {
    if (config.store.redis_url.empty()) {
        return ok("store cache", is_store_embedded(config)
                                     ? "in the process"
                                     : "none: without Redis lists are read from the database");
    }
    const cache::RedisAddress address = *redis_address(config);
    try {
        const std::string version = cache::redis_version(address, patience);
        const std::string found =
            "Redis " + version + " at " + address.host + ":" + std::to_string(address.port);
        if (std::strtoll(version.c_str(), nullptr, 10) >= redis_major_min)
            return ok("store cache", found);
        return {"store cache", "warning", found, "souk is not tried with a version this old",
                "upgrade Redis to 7 or later"};
    } catch (const core::Unavailable& down) {
        return {"store cache", "warning", down.what(),
                "store goes on without it: lists are read from the database each time, and limits "
                "are counted by each process alone",
                "start Redis, and check REDIS_URL, REDIS_PASSWORD and the network"};
    }
}

Finding check_store_issuer(const Config& config) {
    std::string issuer = config.store.clerk_issuer;
    if (issuer.empty())
        return ok("store issuer", "none: tokens of `souk store token` are accepted");
    if (issuer.ends_with('/')) issuer.pop_back();
    const std::string address = issuer + "/.well-known/jwks.json";
    std::string found;
    try {
        const net::Answer answer = net::send({.url = address, .patience = patience});
        if (answer.status == 200) return ok("store issuer", address + " answers");
        found = address + " answered " + std::to_string(answer.status);
    } catch (const core::Unavailable& down) {
        found = down.what();
    }
    return {"store issuer", "wrong", found,
            "without its keys nobody can be known: carts, reviews and new products get 503",
            "check CLERK_ISSUER and the network"};
}

Findings check_store_settings(const Config& config) {
    Findings all;
    const store::Config& set = config.store;
    if (!set.contact_to_email.empty() && set.smtp_host.empty() && set.resend_api_key.empty()) {
        all.push_back({"settings", "warning",
                       "CONTACT_TO_EMAIL is set, but neither SMTP_HOST nor RESEND_API_KEY",
                       "no mail can be sent", "set SMTP_HOST or RESEND_API_KEY"});
    }
    if (config.environment != "production") return all;
    if (set.contact_to_email.empty() && set.contact_webhook_url.empty()) {
        all.push_back({"settings", "warning",
                       "neither CONTACT_TO_EMAIL nor CONTACT_WEBHOOK_URL is set",
                       "messages of the contact form are kept, and nobody is told",
                       "set one of them, or look with `souk store contact list`"});
    }
    if (set.image_kit_private_key.empty()) {
        all.push_back({"settings", "warning", "IMAGE_KIT_PRIVATE_KEY is not set",
                       "pictures cannot be uploaded: /api/cdn-auth answers 500",
                       "set IMAGE_KIT_PRIVATE_KEY (or IMAGE_KIT_PRIVATE_KEY_FILE)"});
    }
    for (const std::string& origin : set.frontend_urls) {
        if (origin.find("localhost") == std::string::npos) continue;
        all.push_back({"settings", "warning", "FRONTEND_URL is " + origin,
                       "browsers refuse the answers to pages from anywhere else",
                       "set it to the origin of the shop's pages"});
    }
    return all;
}

}  // namespace souk::commands
