#include "services/flash/rules.h"

#include "services/flash/errors.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk::flash {
namespace {

// What a rule says: the code of the refusal, or nothing.
std::string said(const core::Result<>& result) {
    return result ? "" : std::string(result.error().code);
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

struct Row {
    std::string input;
    std::string said;
};

TEST(Rules, product_ids_are_visible_ascii_without_space_and_quotes) {
    const std::vector<std::pair<std::string, bool>> rows{
        {"iphone-15", true},
        {"a", true},
        {"!#$%&()*+,-./:;<=>?@[]^_{|}~", true},
        {std::string(128, 'x'), true},
        {"", false},
        {std::string(129, 'x'), false},
        {"iphone 15", false},
        {" iphone", false},
        {"\"", false},
        {"'", false},
        {"`", false},
        {"a\tb", false},
        {"a\nb", false},
        {std::string("a\0b", 3), false},
        {"a\x7F", false},
        {"caf\xC3\xA9", false},
        {"\xFF", false},
    };
    for (const auto& [input, fine] : rows) EXPECT_EQ(is_product_id(input), fine) << input;
}

TEST(Rules, keys_are_present_and_visible_ascii) {
    const std::vector<Row> rows{
        {"550e8400-e29b-41d4-a716-446655440000", ""},
        {"k", ""},
        {"\"'`", ""},
        {std::string(255, 'k'), ""},
        {"", "missing_key"},
        {std::string(256, 'k'), "invalid_key"},
        {"two words", "invalid_key"},
        {" ", "invalid_key"},
        {"a\tb", "invalid_key"},
        {std::string("\0", 1), "invalid_key"},
        {"\x7F", "invalid_key"},
        {"\xC3\xA9", "invalid_key"},
    };
    for (const auto& [input, code] : rows) EXPECT_EQ(said(check_key(input)), code) << input;
}

TEST(Rules, user_ids_are_at_most_255_code_points_without_control_characters) {
    const std::vector<Row> rows{
        {"user-12345", ""},
        {"Zo\xC3\xAB \"the\" buyer", ""},
        {std::string(255, 'u'), ""},
        {repeated("\xE2\x82\xAC", 255), ""},
        {repeated("\xF0\x9F\x90\x99", 255), ""},
        {"\xC2\xA0", ""},
        {std::string(256, 'u'), "invalid_user"},
        {repeated("\xE2\x82\xAC", 256), "invalid_user"},
        {"a\nb", "invalid_user"},
        {std::string("a\0b", 3), "invalid_user"},
        {"\x1F", "invalid_user"},
        {"\x7F", "invalid_user"},
        {"\xC2\x80", "invalid_user"},
        {"x\xC2\x9Fy", "invalid_user"},
    };
    for (const auto& [input, code] : rows) EXPECT_EQ(said(check_user_id(input)), code) << input;
}

TEST(Rules, order_references_are_at_most_255_bytes_of_utf8_without_control_characters) {
    const std::vector<Row> rows{
        {"550e8400-e29b-41d4-a716-446655440000", ""},
        {"not a uuid", ""},
        {"caf\xC3\xA9", ""},
        {std::string(255, 'x'), ""},
        {"", "invalid_order_id"},
        {std::string(256, 'x'), "invalid_order_id"},
        {"a\nb", "invalid_order_id"},
        {std::string("a\0", 2), "invalid_order_id"},
        {"\x7F", "invalid_order_id"},
        {"\x80", "invalid_order_id"},
        {"caf\xC3", "invalid_order_id"},
    };
    for (const auto& [input, code] : rows)
        EXPECT_EQ(said(check_order_reference(input)), code) << input;
}

TEST(Rules, states_have_the_contracts_names) {
    EXPECT_EQ(name(OrderState::pending), "pending");
    EXPECT_EQ(name(OrderState::confirmed), "confirmed");
    EXPECT_EQ(name(OrderState::cancelled), "cancelled");
    EXPECT_EQ(name(OrderState::failed), "failed");
}

}  // namespace
}  // namespace souk::flash
