#include "platform/config/load.h"
#include "platform/config/nearest.h"
#include "platform/config/tests/room.h"

#include <gtest/gtest.h>

namespace souk::config {
namespace {

TEST(Mistakes, all_are_told_at_once) {
    Room room;
    room.sources.environment = {
        {"FLASH_RATE_LIMIT_RPS", "many" },
        {"FLASH_PORT",           "70000"},
        {"FLASH_STRICT",         "maybe"}
    };
    room.sources.flags = {
        {"flash-mode", "slow"   },
        {"flash-url",  "ftp://x"}
    };

    EXPECT_EQ(
        room.mistakes(),
        "environment FLASH_RATE_LIMIT_RPS: \"many\" is not a whole number from 0 to 1000000000\n"
        "environment FLASH_PORT: \"70000\" is not a whole number from 0 to 65535\n"
        "flag --flash-url: \"ftp://x\" is no http address\n"
        "flag --flash-mode: \"slow\" is not one of fair, fast\n"
        "environment FLASH_STRICT: \"maybe\" is neither true nor false\n");
}

TEST(Mistakes, whole_numbers_are_strict) {
    for (const char* wrong :
         {"-1", "1.5", "0x10", "5 ", " 5", "+5", "1e3", "99999999999999999999", "1000000001"}) {
        Room room;
        room.sources.environment["RATE_LIMIT_RPS"] = wrong;

        EXPECT_EQ(room.mistakes(), "environment RATE_LIMIT_RPS: \"" + std::string(wrong) +
                                       "\" is not a whole number from 0 to 1000000000\n");
        EXPECT_EQ(room.flash.rate_limit_rps, 50);
    }
}

TEST(Mistakes, unknown_names_are_told_with_the_nearest_known_one) {
    Room room;
    room.sources.environment["FLASH_RATE_LIMT_RPS"] = "5";
    room.sources.flags["flash-prot"] = "5";
    room.sources.toml = "[flash]\nratelimit_rps = 5\n[zebra]\nx = 1\n";

    EXPECT_EQ(
        room.mistakes(),
        "flag --flash-prot: no such setting; did you mean --flash-port?\n"
        "environment FLASH_RATE_LIMT_RPS: no such setting; did you mean FLASH_RATE_LIMIT_RPS?\n"
        "souk.toml:2:17: flash.ratelimit_rps: no such setting; did you mean flash.rate_limit_rps?\n"
        "souk.toml:4:5: zebra.x: no such setting\n");
}

TEST(Mistakes, foreign_environment_is_none_of_our_business) {
    Room room;
    room.sources.environment = {
        {"STORE_PRT",       "5"   },
        {"PATH",            "/bin"},
        {"FLASHY",          "1"   },
        {"FLASH_TYPO",      ""    },
        {"SOUK_BINARY",     "x"   },
        {"SOUK_TEST_KEEP",  "1"   },
        {"SOUK_CRASH_SEED", "7"   }
    };

    EXPECT_EQ(room.mistakes(), "");

    room.sources.environment = {
        {"SOUK_DATADIR", "x"}
    };
    EXPECT_EQ(room.mistakes(),
              "environment SOUK_DATADIR: no such setting; did you mean SOUK_DATA_DIR?\n");
}

TEST(Mistakes, a_flag_for_a_service_that_does_not_run_is_told) {
    Room room;
    room.sources.flags["store-port"] = "5";

    EXPECT_EQ(room.mistakes(), "flag --store-port: store is not among the services to run\n");
}

TEST(Mistakes, toml_that_cannot_be_read_is_told_with_its_place) {
    Room room;
    room.sources.toml_path = "/etc/souk.toml";
    room.sources.toml = "[flash]\nport = = 3\n";

    const std::string mistakes = room.mistakes();

    EXPECT_TRUE(mistakes.starts_with("/etc/souk.toml:2:8: ")) << mistakes;
}

TEST(Mistakes, toml_values_have_the_type_of_their_row) {
    Room room;
    room.sources.toml =
        "[flash]\nport = '80'\nrate_limit_rps = 1.5\nurl = 5\nstrict = 'yes'\norigins = "
        "['a,b']\nmode.x = 1\n";

    EXPECT_EQ(room.load().mistakes.size(), 6U);
    const std::string mistakes = room.mistakes();
    EXPECT_NE(mistakes.find("souk.toml:2:8: flash.port: must be a whole number without quotes\n"),
              std::string::npos)
        << mistakes;
    EXPECT_NE(mistakes.find("flash.rate_limit_rps: must be a whole number"), std::string::npos);
    EXPECT_NE(mistakes.find("flash.url: must be a text in quotes"), std::string::npos);
    EXPECT_NE(mistakes.find("flash.strict: must be true or false"), std::string::npos);
    EXPECT_NE(mistakes.find("flash.origins: must be a list of texts without commas"),
              std::string::npos);
    EXPECT_NE(mistakes.find("flash.mode: must be a text in quotes"), std::string::npos);
}

TEST(Mistakes, toml_values_out_of_bounds_are_told_with_their_place) {
    Room room;
    room.sources.toml = "stray = 1\n[flash]\nport = 70000\n";

    EXPECT_EQ(room.mistakes(),
              "souk.toml:1:9: stray: no such setting\n"
              "souk.toml:3:8: flash.port: \"70000\" is not a whole number from 0 to 65535\n");
}

TEST(Mistakes, hostile_values_are_escaped_and_cut) {
    Room room;
    room.sources.environment["FLASH_PORT"] = "\x1b[2J\n" + std::string(5000, 'x');

    const std::string mistakes = room.mistakes();

    EXPECT_TRUE(mistakes.starts_with("environment FLASH_PORT: \"\\x1b[2J\\nxxx")) << mistakes;
    EXPECT_LT(mistakes.size(), 300U);
}

TEST(Mistakes, production_insists_on_what_it_requires) {
    Room room;
    room.flash.url = "";
    room.sources.production = true;

    EXPECT_EQ(room.mistakes(),
              "flash.url must be set in production: FLASH_URL or WAITING_ROOM_URL (waiting room)\n"
              "flash.admin_token must be set in production: FLASH_ADMIN_TOKEN or ADMIN_TOKEN, or a "
              "file's path "
              "in the same name with _FILE (protects /init)\n"
              "flash.session_key must be set in production: FLASH_SESSION_KEY, or a file's path in "
              "the same name with _FILE (signs sessions)\n");
}

TEST(Mistakes, who_does_not_serve_needs_nothing_that_production_requires) {
    Room room;
    room.flash.url = "";
    room.sources.production = true;
    room.sources.asks_required = false;
    room.sources.make_secrets = false;

    EXPECT_EQ(room.mistakes(), "");
}

TEST(Mistakes, rows_that_contradict_themselves_do_not_start) {
    std::uint8_t small = 0;
    std::string text_value;

    EXPECT_THROW(whole_number("a.b", small, {0, 256}, ""), std::logic_error);
    EXPECT_THROW(text("nodot", text_value, ""), std::logic_error);
    EXPECT_THROW(text("a.b", text_value, "").made_at_first_start(), std::logic_error);
}

TEST(Nearest, nothing_is_suggested_that_is_too_far) {
    const std::vector<std::string> known = {"flash.port", "flash.rate_limit_rps"};

    EXPECT_EQ(nearest("flash.prt", known), "flash.port");
    EXPECT_EQ(nearest("flash.rate_limit", known), "flash.rate_limit_rps");
    EXPECT_EQ(nearest("zzz", known), "");
    EXPECT_EQ(nearest("", known), "");
    EXPECT_EQ(nearest(std::string(100'000, 'x'), known), "");
}

}  // namespace
}  // namespace souk::config
