#include "platform/config/print.h"

#include "platform/config/tests/room.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace souk::config {
namespace {

TEST(Print, the_table_is_aligned_and_safe_for_terminals) {
    const std::vector<Effective> values = {
        {"a.b",      "1",       "default",              "first",  ""},
        {"a.longer", "\x1b[2J", "environment A_LONGER", "second", ""},
        {"a.c",      "",        "default",              "third",  ""},
    };

    EXPECT_EQ(print_table(values),
              "a.b       1        default               first\n"
              "a.longer  \\x1b[2J  environment A_LONGER  second\n"
              "a.c       -        default               third\n");
}

TEST(Print, json_has_every_field) {
    const std::vector<Effective> values = {
        {"a.b", "\"1\"", "default", "help", "0 to 1"}
    };

    EXPECT_EQ(
        print_json(values),
        R"([{"name":"a.b","value":"\"1\"","source":"default","bounds":"0 to 1","help":"help"}])"
        "\n");
}

TEST(Print, markdown_has_a_section_per_service) {
    Room room;

    const std::string page = print_markdown(room.rows());

    EXPECT_TRUE(page.starts_with(
        "## souk\n\n| Setting | Environment | Flag | Default | Bounds | What it does |\n"));
    EXPECT_NE(page.find("\n\n## flash\n\n"), std::string::npos);
    EXPECT_NE(page.find("\n\n## store\n\n"), std::string::npos);
    EXPECT_NE(page.find("| `souk.data_dir` | `SOUK_DATA_DIR` | `--data-dir` | `./souk-data` |  | "
                        "where state lives |\n"),
              std::string::npos);
    EXPECT_NE(page.find("| `flash.rate_limit_rps` | `FLASH_RATE_LIMIT_RPS`, `RATE_LIMIT_RPS` | "
                        "`--flash-rate-limit-rps` "
                        "| `50`; in production `10000` | 0 to 1000000000 | orders a second |\n"),
              std::string::npos);
    EXPECT_NE(page.find("| `flash.port` | `FLASH_PORT`, `PORT` (alone) |"), std::string::npos);
    EXPECT_NE(page.find("| `flash.session_key` | `FLASH_SESSION_KEY` | never | made at first "
                        "start; required in production |"),
              std::string::npos);
}

TEST(Print, a_default_secret_is_not_printed) {
    std::string token = "hush-hush";

    EXPECT_EQ(print_markdown({secret("a.token", token, "help")}).find("hush-hush"),
              std::string::npos);
}

TEST(Print, bars_do_not_break_the_page) {
    std::string value = "a|b";

    EXPECT_NE(print_markdown({text("a.b", value, "x|y")}).find("| `a\\|b` |  | x\\|y |"),
              std::string::npos);
}

}  // namespace
}  // namespace souk::config
