// What the tests of this folder share: two small services, their rows, and a directory of their
// own.
#pragma once

#include "platform/config/load.h"
#include "platform/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace souk::config {

struct FlashConfig {
    int rate_limit_rps = 50;
    int port = 3000;
    std::string url = "http://localhost:4000";
    std::string mode = "fair";
    std::vector<std::string> origins;
    bool strict = false;
    std::string admin_token;
    std::string session_key;
};

struct SoukConfig {
    std::string data_dir = "./souk-data";
    std::int64_t loops = 0;
};

inline std::string must_be_http(const std::string& value) {
    return value.starts_with("http") ? "" : "is no http address";
}

struct Room {
    FlashConfig flash;
    SoukConfig souk;
    int store_port = 8001;
    Sources sources;
    testing::TemporaryFolder folder;
    std::filesystem::path directory = folder.path();

    Room() {
        sources.services = {"flash"};
        sources.data_directory = directory / "data";
    }

    Settings rows() {
        return {
            config::text("souk.data_dir", souk.data_dir, "where state lives"),
            whole_number("souk.loops", souk.loops, {0, 256}, "event loops"),
            whole_number("flash.rate_limit_rps", flash.rate_limit_rps, {0, 1'000'000'000},
                         "orders a second")
                .also("RATE_LIMIT_RPS")
                .in_production(10'000),
            whole_number("flash.port", flash.port, {0, 65'535}, "port of the api")
                .also_alone("PORT"),
            config::text("flash.url", flash.url, "waiting room")
                .also("WAITING_ROOM_URL")
                .check(must_be_http)
                .required_in_production(),
            config::text("flash.mode", flash.mode, "order of admission").one_of({"fair", "fast"}),
            words("flash.origins", flash.origins, "browsers allowed").also("CORS_ORIGINS"),
            flag("flash.strict", flash.strict, "refuse more"),
            secret("flash.admin_token", flash.admin_token, "protects /init")
                .also("ADMIN_TOKEN")
                .required_in_production(),
            secret("flash.session_key", flash.session_key, "signs sessions").made_at_first_start(),
            whole_number("store.port", store_port, {0, 65'535}, "port of the shop")
                .also_alone("PORT"),
        };
    }

    Outcome load() { return config::load(rows(), sources); }

    // The mistakes of a load, as one text.
    std::string mistakes() {
        std::string all;
        for (const std::string& mistake : load().mistakes) all += mistake + "\n";
        return all;
    }

    std::filesystem::path write(const std::string& name, const std::string& content) {
        std::ofstream(directory / name) << content;
        return directory / name;
    }
};

inline Effective shown(const Outcome& outcome, const std::string& name) {
    for (const Effective& value : outcome.values) {
        if (value.name == name) return value;
    }
    ADD_FAILURE() << name << " is not shown";
    return {};
}

}  // namespace souk::config
