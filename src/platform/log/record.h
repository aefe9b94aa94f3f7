// What a log line says, and its two written forms.
#pragma once

#include "platform/core/clock.h"

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace souk::log {

enum class Level { debug, info, warn, error, off };

std::string_view name_of(Level level);

// A named text or number of a line: {"order", id}, {"count", 3}.
struct Field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

    Field(std::string_view field, std::string_view text) : name(field), value(text) {}
    Field(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
    Field(std::string_view field, const std::string& text)
        : name(field), value(std::string_view(text)) {}
    Field(std::string_view field, double number) : name(field), value(number) {}
    Field(std::string_view field, bool claim) : name(field), value(claim) {}
    template <std::signed_integral Number>
    Field(std::string_view field, Number number) : name(field), value(std::int64_t{number}) {}
    template <std::unsigned_integral Number>
        requires(!std::same_as<Number, bool>)
    Field(std::string_view field, Number number) : name(field), value(std::uint64_t{number}) {}
};

// A request that was answered. Empty texts are left out of the line.
struct Access {
    std::string_view service = {};
    std::string_view route = {};  // the pattern, not the path: "/orders/{id}"
    std::string_view method = {};
    int status = 0;
    std::int64_t duration_us = 0;
    std::uint64_t bytes = 0;  // of the answer's body
    std::string_view request_id = {};
    std::string_view trace_id = {};
};

struct Record {
    core::Time time = {};
    Level level = Level::info;
    std::string_view service = {};
    std::string_view message = {};
    std::span<const Field> fields = {};
    const Access* access = nullptr;
};

// Appends the line with its newline. Whatever the texts hold, it is one line, and valid UTF-8.
void write_json(const Record& record, std::string& line);
void write_pretty(const Record& record, bool coloured, std::string& line);

}  // namespace souk::log
