#include "platform/log/record.h"

#include "platform/core/escape.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace souk::log {
namespace {

const core::Time some_time = core::from_ms(1'763'732'027'042);  // 2025-11-21T13:33:47.042Z

std::string as_json(const Record& record) {
    std::string line;
    write_json(record, line);
    return line;
}

std::string as_pretty(const Record& record, bool coloured = false) {
    std::string line;
    write_pretty(record, coloured, line);
    return line;
}

Access some_access() {
    return {.service = "flash",
            .route = "/order",
            .method = "POST",
            .status = 200,
            .duration_us = 184,
            .bytes = 45,
            .request_id = "r1",
            .trace_id = "t1"};
}

TEST(Record, an_access_line_has_its_fields_in_order) {
    const Access access = some_access();

    EXPECT_EQ(
        as_json({.time = some_time, .service = access.service, .access = &access}),
        R"({"time":"2025-11-21T13:33:47.042Z","level":"info","service":"flash","route":"/order",)"
        R"("method":"POST","status":200,"duration_us":184,"bytes":45,"request_id":"r1","trace_id":"t1"})"
        "\n");
    EXPECT_EQ(as_pretty({.time = some_time, .service = access.service, .access = &access}),
              "13:33:47.042 INFO  flash POST /order 200 184us 45B r1 t1\n");
}

TEST(Record, absent_texts_are_left_out) {
    Access access = some_access();
    access.request_id = access.trace_id = "";

    EXPECT_EQ(
        as_json({.time = some_time, .service = access.service, .access = &access}),
        R"({"time":"2025-11-21T13:33:47.042Z","level":"info","service":"flash","route":"/order",)"
        R"("method":"POST","status":200,"duration_us":184,"bytes":45})"
        "\n");
}

TEST(Record, a_message_carries_fields_of_every_type) {
    const std::vector<Field> fields = {
        {"text",  "a b"         },
        {"empty", ""            },
        {"int",   -3            },
        {"size",  std::size_t{7}},
        {"part",  0.25          },
        {"claim", true          }
    };
    const Record record = {some_time, Level::warn, "flash", "slow disk", fields};

    EXPECT_EQ(
        as_json(record),
        R"({"time":"2025-11-21T13:33:47.042Z","level":"warn","service":"flash","message":"slow disk",)"
        R"("text":"a b","empty":"","int":-3,"size":7,"part":0.25,"claim":true})"
        "\n");
    EXPECT_EQ(as_pretty(record),
              "13:33:47.042 WARN  flash slow disk text=\"a b\" empty=\"\" int=-3 size=7 part=0.25 "
              "claim=true\n");
}

TEST(Record, numbers_that_json_lacks_are_null) {
    const std::vector<Field> fields = {
        {"a", std::numeric_limits<double>::infinity()}
    };

    EXPECT_NE(as_json({some_time, Level::info, "s", "m", fields}).find(R"("a":null)"),
              std::string::npos);
}

TEST(Record, levels_have_colours_on_a_terminal_only) {
    const Record record = {some_time, Level::error, "flash", "no", {}};

    EXPECT_EQ(as_pretty(record, true), "13:33:47.042 \x1b[31mERROR\x1b[0m flash no\n");
    EXPECT_EQ(as_pretty(record, false), "13:33:47.042 ERROR flash no\n");
}

struct Injection {
    std::string text;
    std::string json;
    std::string pretty;
};

TEST(Record, foreign_text_cannot_forge_lines_or_drive_terminals) {
    const std::vector<Injection> table = {
        {"a\nb\r\t", R"(a\nb\r\t)", R"(a\nb\r\t)"},
        {std::string("\0x", 2), R"(\u0000x)", R"(\x00x)"},
        {"\x1b[31m", R"(\u001b[31m)", R"(\x1b[31m)"},
        {"\x7f", R"(\u007f)", R"(\x7f)"},
        {"\xc2\x9b", R"(\u009b)", R"(\u{009b})"}, // CSI in one code point
        {"\xe2\x80\xae", R"(\u202e)", R"(\u{202e})"}, // right to left
        {"\xe2\x80\xa8", R"(\u2028)", R"(\u{2028})"}, // line separator
        {"\xff\xfe", R"(\\xff\\xfe)", R"(\xff\xfe)"}, // no UTF-8
        {"\xc0\xaf", R"(\\xc0\\xaf)", R"(\xc0\xaf)"}, // overlong
        {"\xed\xa0\x80", R"(\\xed\\xa0\\x80)", R"(\xed\xa0\x80)"}, // surrogate
        {"\xf4\x90\x80\x80", R"(\\xf4\\x90\\x80\\x80)", R"(\xf4\x90\x80\x80)"},
        {"\xe2\x82", R"(\\xe2\\x82)", R"(\xe2\x82)"}, // cut short
        {"\xe2\x82\xac \xf0\x9f\x9b\x92", "\xe2\x82\xac \xf0\x9f\x9b\x92",
         "\xe2\x82\xac \xf0\x9f\x9b\x92"},
        {R"("\)", R"(\"\\)", R"("\\)"},
    };
    for (const Injection& row : table) {
        std::string json;
        core::escape_json(row.text, json);
        std::string pretty;
        core::escape_pretty(row.text, pretty);

        EXPECT_EQ(json, row.json);
        EXPECT_EQ(pretty, row.pretty);
    }
}

TEST(Record, every_byte_in_every_place_gives_one_line_of_valid_json) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string hostile = {'<', static_cast<char>(byte), '>'};
        const std::vector<Field> fields = {
            {hostile, hostile}
        };
        Access access = some_access();
        access.route = access.method = access.request_id = access.trace_id = hostile;

        const std::string json =
            as_json({some_time, Level::info, hostile, hostile, fields, &access});
        const std::string pretty =
            as_pretty({some_time, Level::info, hostile, hostile, fields, &access});

        boost::json::error_code error;
        static_cast<void>(boost::json::parse(json, error));
        EXPECT_FALSE(error) << json;
        EXPECT_EQ(json.find('\n'), json.size() - 1) << byte;
        EXPECT_EQ(pretty.find('\n'), pretty.size() - 1) << byte;
        EXPECT_EQ(pretty.find('\x1b'), std::string::npos) << byte;
    }
}

}  // namespace
}  // namespace souk::log
