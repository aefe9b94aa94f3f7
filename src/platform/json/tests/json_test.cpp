#include "platform/json/read.h"
#include "platform/json/schema.h"
#include "platform/json/write.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace souk::json {
namespace {

struct Part {
    std::string name;
    std::int64_t count = 0;
};

struct Parcel {
    std::string_view id;
    std::vector<Part> parts;
    std::optional<double> weight;
    bool fragile = false;
};

struct Counts {
    std::int64_t strict = 0;
    std::int64_t lenient = 0;
};

}  // namespace

template <>
inline constexpr auto shape<Counts> =
    object("Counts", field("strict", &Counts::strict, "", may_be_absent),
           field("lenient", &Counts::lenient, "", range(-5, 1'000'000'000'000), point_zero));

template <>
inline constexpr auto shape<Part> = object("Part", field("name", &Part::name, "", length(1, 5)),
                                           field("count", &Part::count, "how many", range(0, 9)));
template <>
inline constexpr auto shape<Parcel> =
    object("Parcel", field("id", &Parcel::id, "", length(1, 8)),
           field("parts", &Parcel::parts, "", length(1, 2)), field("weight", &Parcel::weight),
           field("fragile", &Parcel::fragile, "", may_be_absent));

namespace {

std::string wrongs(const std::string& text, UnknownFields unknown = UnknownFields::ignored) {
    std::pmr::monotonic_buffer_resource memory;
    const Reading<Parcel> reading = read<Parcel>(text, memory, unknown);
    if (reading.malformed) return "malformed";
    std::string all;
    for (const Problem& problem : reading.problems)
        all += problem.path + ": " + problem.message + "; ";
    return all;
}

TEST(Json, a_whole_object_is_read) {
    std::pmr::monotonic_buffer_resource memory;

    const Reading<Parcel> reading = read<Parcel>(
        R"({"id":"\u00e4b","parts":[{"name":"x","count":3}],"weight":1.5,"other":1})", memory);

    ASSERT_TRUE(reading.fine());
    EXPECT_EQ(reading.value.id, "äb");
    EXPECT_EQ(reading.value.parts.at(0).count, 3);
    EXPECT_EQ(reading.value.weight, 1.5);
    EXPECT_FALSE(reading.value.fragile);
}

TEST(Json, every_mistake_is_reported_with_its_place) {
    EXPECT_EQ(wrongs(R"({"parts":[{"name":"","count":10},{"name":7}],"fragile":"no"})"),
              "id: is required; parts[0].name: must have at least 1; parts[0].count: must be from "
              "0 to 9; "
              "parts[1].name: must be a string; parts[1].count: is required; fragile: must be true "
              "or false; ");
}

TEST(Json, length_counts_code_points) {
    EXPECT_EQ(wrongs(R"({"id":"ääääääää","parts":[{"name":"x","count":1}]})"), "");
    EXPECT_EQ(wrongs(R"({"id":"ääääääääx","parts":[{"name":"x","count":1}]})"),
              "id: must have at most 8; ");
}

TEST(Json, numbers_that_are_no_whole_numbers_in_range_are_refused) {
    const auto count = [](const std::string& number) {
        return wrongs(R"({"id":"a","parts":[{"name":"x","count":)" + number + "}]}");
    };
    EXPECT_EQ(count("9"), "");
    EXPECT_EQ(count("-1"), "parts[0].count: must be from 0 to 9; ");
    EXPECT_EQ(count("18446744073709551615"), "parts[0].count: must be from 0 to 9; ");
    EXPECT_EQ(count("99999999999999999999999"), "parts[0].count: must be a whole number; ");
    EXPECT_EQ(count("1.5"), "parts[0].count: must be a whole number; ");
    EXPECT_EQ(count("\"1\""), "parts[0].count: must be a whole number; ");
    EXPECT_EQ(count("null"), "parts[0].count: must be a whole number; ");
}

TEST(Json, what_is_no_json_object_is_malformed) {
    for (const std::string text :
         {"", "{", "[]", "1", "\"a\"", "null", "{\"id\":}", "{} x", "{\"id\":\"\xff\"}"}) {
        EXPECT_EQ(wrongs(text), "malformed") << text;
    }
    EXPECT_EQ(wrongs(std::string(100'000, '[')), "malformed");
}

TEST(Json, unknown_fields_are_refused_only_when_asked) {
    const std::string text = R"({"id":"a","parts":[{"name":"x","count":1}],"extra":1})";
    EXPECT_EQ(wrongs(text), "");
    EXPECT_EQ(wrongs(text, UnknownFields::refused), "extra: is not known here; ");
}

TEST(Json, the_last_of_two_equal_keys_counts) {
    EXPECT_EQ(wrongs(R"({"id":1,"id":"a","parts":[{"name":"x","count":1}]})"), "");
}

TEST(Json, a_whole_number_may_have_a_point_where_its_field_says_so) {
    const auto read_counts = [](const std::string& text) {
        std::pmr::monotonic_buffer_resource memory;
        const Reading<Counts> reading = read<Counts>(text, memory);
        return reading.fine() ? std::to_string(reading.value.lenient)
                              : reading.problems.front().message;
    };
    const std::string range = "must be from -5 to 1000000000000";
    for (const auto& [number, wanted] : std::vector<std::pair<std::string, std::string>>{
             {"2.0",     "2"                     },
             {"2e3",     "2000"                  },
             {"-0.0",    "0"                     },
             {"1e12",    "1000000000000"         },
             {"1e13",    range                   },
             {"1e300",   range                   },
             {"-9.3e18", range                   },
             {"2.5",     "must be a whole number"},
             {"\"2\"",   "must be a whole number"},
             {"true",    "must be a whole number"},
    }) {
        EXPECT_EQ(read_counts(R"({"lenient":)" + number + "}"), wanted) << number;
    }
    EXPECT_EQ(read_counts(R"({"strict":2.0,"lenient":1})"), "must be a whole number");
}

TEST(Json, a_double_is_read_to_its_last_digit) {
    for (const char* number :
         {"1.2e-35", "0.1", "7.1", "1e23", "9007199254740993.0", "1.7976931348623157e308",
          "2.2250738585072011e-308", "123456789.123456789", "-4.9e-324"}) {
        std::pmr::monotonic_buffer_resource memory;
        const std::string text =
            R"({"id":"a","parts":[{"name":"x","count":1}],"weight":)" + std::string(number) + "}";
        const Reading<Parcel> reading = read<Parcel>(text, memory);
        ASSERT_TRUE(reading.value.weight) << number;
        EXPECT_EQ(*reading.value.weight, std::strtod(number, nullptr)) << number;
    }
}

TEST(Json, large_documents_are_read_as_well) {
    const std::string filler(200'000, 'x');
    EXPECT_EQ(wrongs(R"({"id":"a","filler":")" + filler + R"(","parts":[{"name":"x","count":1}]})"),
              "");
}

TEST(Json, writing_escapes_and_keeps_the_order) {
    std::pmr::monotonic_buffer_resource memory;
    const Parcel parcel{
        .id = "a\"\\\n\x01", .parts = {{"é", 2}}, .weight = std::nullopt, .fragile = true};

    EXPECT_EQ(
        to_text(parcel, memory),
        R"({"id":"a\"\\\n\u0001","parts":[{"name":"é","count":2}],"weight":null,"fragile":true})");
}

TEST(Json, the_schema_says_what_reading_checks) {
    EXPECT_EQ(
        schema<Part>(),
        R"({"type":"object","title":"Part","properties":{"name":{"type":"string","minLength":1,"maxLength":5},)"
        R"("count":{"type":"integer","minimum":0,"maximum":9,"description":"how many"}},"required":["name","count"]})");
    EXPECT_EQ(
        schema<Parcel>(),
        R"({"type":"object","title":"Parcel","properties":{"id":{"type":"string","minLength":1,"maxLength":8},)"
        R"("parts":{"type":"array","minItems":1,"maxItems":2,"items":)" +
            schema<Part>() +
            R"(},"weight":{"anyOf":[{"type":"number"},{"type":"null"}]},"fragile":{"type":"boolean"}},"required":["id","parts"]})");
}

}  // namespace
}  // namespace souk::json
