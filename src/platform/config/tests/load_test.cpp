#include "platform/config/load.h"

#include "platform/config/tests/room.h"

#include <gtest/gtest.h>

namespace souk::config {
namespace {

TEST(Load, with_nothing_set_defaults_stay) {
    Room room;

    const Outcome outcome = room.load();

    EXPECT_TRUE(outcome.mistakes.empty());
    EXPECT_EQ(room.flash.rate_limit_rps, 50);
    const Effective value = shown(outcome, "flash.rate_limit_rps");
    EXPECT_EQ(value.value, "50");
    EXPECT_EQ(value.source, "default");
    EXPECT_EQ(value.bounds, "0 to 1000000000");
    EXPECT_EQ(value.help, "orders a second");
}

// Takes one source after the other away, the highest first.
TEST(Load, the_highest_source_wins) {
    Room room;
    room.sources.production = true;
    room.sources.environment = {
        {"FLASH_ADMIN_TOKEN",    "t"       },
        {"FLASH_SESSION_KEY",    "k"       },
        {"FLASH_URL",            "http://w"},
        {"FLASH_RATE_LIMIT_RPS", "2"       },
        {"RATE_LIMIT_RPS",       "3"       }
    };
    room.sources.flags["flash-rate-limit-rps"] = "1";
    room.sources.toml = "[flash]\nrate_limit_rps = 4\n";

    const auto expect = [&room](int value, const std::string& source) {
        room.flash = {};
        const Outcome outcome = room.load();
        EXPECT_TRUE(outcome.mistakes.empty()) << outcome.mistakes.front();
        EXPECT_EQ(room.flash.rate_limit_rps, value);
        EXPECT_EQ(shown(outcome, "flash.rate_limit_rps").source, source);
    };
    expect(1, "flag --flash-rate-limit-rps");
    room.sources.flags.clear();
    expect(2, "environment FLASH_RATE_LIMIT_RPS");
    room.sources.environment["FLASH_RATE_LIMIT_RPS"] = "";
    expect(3, "environment RATE_LIMIT_RPS");
    room.sources.environment.erase("RATE_LIMIT_RPS");
    expect(4, "souk.toml");
    room.sources.toml.reset();
    expect(10'000, "production default");
    room.sources.production = false;
    expect(50, "default");
}

TEST(Load, every_kind_is_read_from_toml) {
    Room room;
    room.sources.toml = R"(
        [souk]
        data_dir = "/var/lib/souk"
        loops = 2
        [flash]
        mode = "fast"
        origins = ["http://a", "http://b"]
        strict = true
        [store]
        port = 9000  # known, though it does not run
    )";

    EXPECT_EQ(room.mistakes(), "");

    EXPECT_EQ(room.souk.data_dir, "/var/lib/souk");
    EXPECT_EQ(room.souk.loops, 2);
    EXPECT_EQ(room.flash.mode, "fast");
    EXPECT_EQ(room.flash.origins, (std::vector<std::string>{"http://a", "http://b"}));
    EXPECT_TRUE(room.flash.strict);
    EXPECT_EQ(room.store_port, 8001);
}

TEST(Load, comma_lists_are_split_and_trimmed) {
    Room room;
    room.sources.environment["CORS_ORIGINS"] = " http://a ,,\thttp://b,";

    EXPECT_EQ(room.mistakes(), "");

    EXPECT_EQ(room.flash.origins, (std::vector<std::string>{"http://a", "http://b"}));
}

TEST(Load, settings_of_all_have_flags_without_prefix) {
    Room room;
    room.sources.flags = {
        {"data-dir", "/x"}
    };

    EXPECT_EQ(room.mistakes(), "");

    EXPECT_EQ(room.souk.data_dir, "/x");
}

TEST(Load, a_plain_name_that_means_several_things_counts_alone_only) {
    Room room;
    room.sources.environment["PORT"] = "5000";

    EXPECT_EQ(shown(room.load(), "flash.port").source, "environment PORT");
    EXPECT_EQ(room.flash.port, 5000);

    room.flash = {};
    room.sources.services = {"flash", "store"};
    EXPECT_EQ(shown(room.load(), "flash.port").source, "default");
    EXPECT_EQ(room.flash.port, 3000);
    EXPECT_EQ(room.store_port, 8001);
}

TEST(Load, a_flag_takes_the_usual_words) {
    for (const auto& [word, expected] : std::map<std::string, bool>{
             {"true",  true },
             {"1",     true },
             {"yes",   true },
             {"on",    true },
             {"false", false},
             {"0",     false},
             {"no",    false},
             {"off",   false}
    }) {
        Room room;
        room.flash.strict = !expected;
        room.sources.environment["FLASH_STRICT"] = word;

        EXPECT_EQ(room.mistakes(), "");

        EXPECT_EQ(room.flash.strict, expected) << word;
    }
}

TEST(Load, services_that_do_not_run_are_not_shown) {
    Room room;

    for (const Effective& value : room.load().values)
        EXPECT_FALSE(value.name.starts_with("store."));
}

TEST(Load, peek_reads_one_setting_by_the_same_precedence) {
    Room room;
    const Setting row =
        text("souk.env", room.souk.data_dir, "production or development").also("APP_ENV");
    EXPECT_EQ(peek(row, room.sources), "./souk-data");

    room.sources.toml = "[souk]\nenv = 'a'\n";
    EXPECT_EQ(peek(row, room.sources), "a");
    room.sources.environment["APP_ENV"] = "b";
    EXPECT_EQ(peek(row, room.sources), "b");
    room.sources.flags["env"] = "c";
    EXPECT_EQ(peek(row, room.sources), "c");

    room.sources = {};
    room.sources.toml = "[souk";
    EXPECT_EQ(peek(row, room.sources), "./souk-data");
}

TEST(Load, the_environment_of_the_process_can_be_read) {
    ::setenv("CONFIG_TEST_NAME", "a=b", 1);

    EXPECT_EQ(process_environment().at("CONFIG_TEST_NAME"), "a=b");
}

}  // namespace
}  // namespace souk::config
