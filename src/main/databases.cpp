#include "main/databases.h"

#include "main/read_only.h"

#include <string_view>
#include <utility>

namespace souk {
namespace {

db::Place place_of_flash(const Config& config) {
    // A second is the longest that flash lets anyone wait for its database (spec 2.4, 7).
    return {.address = config.flash.database_url,
            .file = config.data_dir + "/flash.db",
            .schema = "flash",
            .timeout_ms = 1'000};
}

// The file that TURSO_DATABASE_URL names, when it names one; a libSQL server has a scheme.
std::string file_of(std::string_view turso) {
    constexpr std::string_view scheme = "file:";
    if (turso.starts_with(scheme)) return std::string(turso.substr(scheme.size()));
    return turso.find("://") == std::string_view::npos ? std::string(turso) : std::string();
}

db::Place place_of_store(const Config& config) {
    db::Place place{.address = {}, .file = store_file(config), .schema = "store"};
    if (is_store_embedded(config)) return place;
    const bool is_postgres = !config.store.database_url.empty();
    place.address = is_postgres ? config.store.database_url : config.store.turso_database_url;
    place.token = config.store.turso_auth_token;
    return place;
}

std::unique_ptr<db::Database> open_for_reading(db::Place place,
                                               std::chrono::milliseconds patience) {
    if (place.address.empty()) return open_read_only(place.file, patience);
    place.connections_max = 1;
    place.timeout_ms = static_cast<int>(patience.count());
    return db::open(std::move(place));
}

std::unique_ptr<db::Database> open_with(db::Place place, metrics::Registry* metrics) {
    place.metrics = metrics;
    return db::open(std::move(place));
}

}  // namespace

std::unique_ptr<db::Database> open_flash(const Config& config, metrics::Registry* metrics) {
    return open_with(place_of_flash(config), metrics);
}

std::unique_ptr<db::Database> open_store(const Config& config, metrics::Registry* metrics) {
    return open_with(place_of_store(config), metrics);
}

bool is_store_embedded(const Config& config) {
    const std::string& turso = config.store.turso_database_url;
    return config.store.database_url.empty() && (turso.empty() || !file_of(turso).empty());
}

std::string store_file(const Config& config) {
    const std::string named = file_of(config.store.turso_database_url);
    return named.empty() ? config.data_dir + "/store.db" : named;
}

std::unique_ptr<db::Database> open_flash_for_reading(const Config& config,
                                                     std::chrono::milliseconds patience) {
    return open_for_reading(place_of_flash(config), patience);
}

std::unique_ptr<db::Database> open_store_for_reading(const Config& config,
                                                     std::chrono::milliseconds patience) {
    return open_for_reading(place_of_store(config), patience);
}

}  // namespace souk
