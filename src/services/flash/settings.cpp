#include "services/flash/settings.h"

#include <utility>

namespace souk::flash {
namespace {

std::string web_address_fault(const std::string& value) {
    if (value.empty()) return "";
    if (!value.starts_with("http://") && !value.starts_with("https://"))
        return "must begin with http:// or https://";
    return value.ends_with('/') ? "must not end with a slash" : "";
}

std::string database_fault(const std::string& value) {
    if (value.empty() || value.starts_with("postgres://") || value.starts_with("postgresql://"))
        return "";
    return "must be postgres://user:password@host:port/name, or unset for SQLite";
}

// "https://shop.example", "http://localhost:5173": what a browser sends as Origin.
bool is_origin(std::string_view word) {
    const std::size_t scheme = word.starts_with("https://")  ? 8
                               : word.starts_with("http://") ? 7
                                                             : 0;
    return scheme > 0 && word.size() > scheme &&
           word.find_first_of("/?#@ \\", scheme) == std::string_view::npos;
}

std::string origins_fault(const std::string& value) {
    for (const std::string& word : config::split_words(value)) {
        if (!is_origin(word))
            return "holds " + word + ", which is no origin like https://shop.example";
    }
    return "";
}

std::string cors_fault(const std::string& value) {
    return value == "*" ? "" : origins_fault(value);
}

config::Settings retention_settings(Config& into) {
    using namespace config;
    return {
        whole_number(
            "flash.orders_keep_days", into.orders_keep_days, {0, 36'500},
            "days after which confirmed and cancelled orders leave the table of orders; 0: never"),
        text("flash.orders_archive", into.orders_retired,
             "what becomes of them: archive moves them to orders_archive, where they still answer; "
             "delete removes them for good")
            .one_of({"archive", "delete"}),
    };
}

// Where clients, pages and the tables are.
config::Settings address_settings(Config& into) {
    using namespace config;
    return {
        text("flash.waiting_room_url", into.waiting_room_url,
             "where a 302 sends clients: the waiting room as they reach it")
            .also("WAITING_ROOM_URL")
            .check(web_address_fault),
        text("flash.api_url", into.api_url,
             "address of the API for the waiting room's script; unset: its host name and the API's "
             "port")
            .also("API_URL")
            .check(web_address_fault),
        words("flash.cors_origins", into.cors_origins, "origins whose pages may call the API, or *")
            .also("CORS_ORIGINS")
            .check(cors_fault),
        words("flash.waiting_room_return_origins", into.waiting_room_return_origins,
              "origins that the waiting room may send visitors back to")
            .also("WAITING_ROOM_RETURN_ORIGINS")
            .check(origins_fault),
        text("flash.database_url", into.database_url,
             "postgres://… for the tables; unset: SQLite in the data directory")
            .also("DATABASE_URL")
            .hiding_password()
            .check(database_fault),
    };
}

}  // namespace

config::Settings settings(Config& into) {
    using namespace config;
    config::Settings rows = {
        whole_number("flash.port", into.port, {1, 65'535}, "port of the API").also_alone("PORT"),
        whole_number("flash.waiting_room_port", into.waiting_room_port, {1, 65'535},
                     "port of the waiting room")
            .also("WAITING_ROOM_PORT"),
        whole_number("flash.rate_limit_rps", into.rate_limit_rps, {0, 1'000'000'000},
                     "order requests per second, all clients together; 0: no limit")
            .also("RATE_LIMIT_RPS")
            .in_production(10'000),
        whole_number("flash.per_ip_rps", into.per_ip_rps, {0, 1'000'000'000},
                     "order requests per second of one client address (IPv6: /64); 0: no limit")
            .also("PER_IP_RPS"),
        whole_number("flash.max_per_user", into.max_per_user, {0, 2'147'483'647},
                     "units of one sale that one user may order; 0: no limit")
            .also("MAX_PER_USER"),
        whole_number("flash.max_event_listeners", into.max_event_listeners, {0, 1'000'000},
                     "connections to /events at one time; more are closed with 1013"),
        whole_number("flash.idempotency_ttl_seconds", into.idempotency_ttl_seconds, {1, 604'800},
                     "how long a used idempotency key is remembered")
            .also("IDEMPOTENCY_TTL_SECONDS"),
        whole_number("flash.max_backlog", into.max_backlog, {1, 100'000'000},
                     "accepted orders that may wait for the database; beyond it orders get 500")
            .also("MAX_BACKLOG"),
        whole_number("flash.max_products", into.max_products, {1, 10'000'000},
                     "products that /init may create"),
        secret("flash.admin_token", into.admin_token,
               "Bearer token that /init asks for; unset: open")
            .also("ADMIN_TOKEN")
            .required_in_production(),
        whole_number(
            "flash.cancel_window_seconds", into.cancel_window_seconds, {0, 31'536'000},
            "how long after its acceptance a confirmed order can be cancelled; 0: not at all")
            .also("CANCEL_WINDOW_SECONDS"),
        config::flag("flash.take_over", into.take_over,
                     "serve a database that another order log served and did not leave in order; "
                     "orders that only that log holds are lost"),
    };
    for (Setting& row : address_settings(into)) rows.push_back(std::move(row));
    for (Setting& row : retention_settings(into)) rows.push_back(std::move(row));
    return rows;
}

}  // namespace souk::flash
