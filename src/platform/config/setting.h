// One row per setting: name, place, bounds and help together. A service gives its rows, bound to
// the fields of its Config; the defaults are what the fields hold when the rows are made.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::config {

enum class Kind { whole_number, text, flag, words, secret };

struct Bounds {
    std::int64_t min;
    std::int64_t max;
};

// Rows are written as `text("flash.cors", into.cors,
// "help").also("CORS").required_in_production()`.
struct Setting {
    Kind kind = Kind::text;
    std::string name;  // "flash.rate_limit_rps"
    std::string help;
    std::string default_text;
    Bounds bounds = {0, 0};                // whole numbers
    std::vector<std::string> allowed;      // texts and words; empty: anything
    std::vector<std::string> plain_names;  // of the contract: "RATE_LIMIT_RPS"
    std::vector<std::string> alone_names;  // plain names that count only when one service runs
    std::string production_default;        // when has_production_default
    bool has_production_default = false;
    bool required = false;           // in production
    bool made_when_missing = false;  // secrets
    bool hides_password = false;     // shown as password.h says, and in mistakes not at all
    std::function<std::string(const std::string&)> complaint;  // empty answer: no complaint
    std::function<void(const std::string&)> assign;  // only for a text that was parsed fine

    Setting&& also(std::string environment_name) &&;
    Setting&& also_alone(std::string environment_name) &&;
    Setting&& required_in_production() &&;
    Setting&& in_production(std::string value) &&;
    template <std::integral Number>
    Setting&& in_production(Number value) && {
        if constexpr (std::same_as<Number, bool>) {
            return std::move(*this).in_production(std::string(value ? "true" : "false"));
        } else {
            return std::move(*this).in_production(std::to_string(value));
        }
    }
    Setting&& check(std::function<std::string(const std::string&)> finds_fault) &&;
    Setting&& one_of(std::vector<std::string> values) &&;
    Setting&& made_at_first_start() &&;
    Setting&& hiding_password() &&;

    std::string_view service() const;  // "flash"
    std::string_view key() const;      // "rate_limit_rps"
    std::string environment() const;   // "FLASH_RATE_LIMIT_RPS"
    std::string flag_name() const;     // "flash-rate-limit-rps", "data-dir"; empty for secrets
    std::string bounds_text() const;   // "0 to 100", "one of a, b"; empty when anything goes
};

using Settings = std::vector<Setting>;

Setting text(std::string name, std::string& into, std::string help);
Setting flag(std::string name, bool& into, std::string help);
Setting words(std::string name, std::vector<std::string>& into, std::string help);  // comma list
Setting secret(std::string name, std::string& into, std::string help);
Setting whole_number_row(std::string name, std::int64_t value, Bounds bounds, std::string help);

template <std::integral Number>
Setting whole_number(std::string name, Number& into, Bounds bounds, std::string help) {
    Setting row =
        whole_number_row(std::move(name), static_cast<std::int64_t>(into), bounds, std::move(help));
    // The text was found to be a number within the bounds, and the bounds to fit the type.
    row.assign = [&into](const std::string& value) {
        into = static_cast<Number>(std::stoll(value));
    };
    if (!std::in_range<Number>(bounds.min) || !std::in_range<Number>(bounds.max)) {
        throw std::logic_error("bounds of " + row.name + " do not fit its field");
    }
    return row;
}

// What is wrong with a value for this row; empty when it is fine.
std::string fault_of(const Setting& row, const std::string& value);

std::vector<std::string> split_words(std::string_view list);

}  // namespace souk::config
