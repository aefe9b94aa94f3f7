#include "platform/log/record.h"

#include "platform/core/escape.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <system_error>
#include <type_traits>

namespace souk::log {
namespace {

template <typename Number>
void append_number(Number value, std::string& line) {
    char digits[32];
    const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
    line.append(digits, end.ptr);
}

void append_padded(std::int64_t value, std::size_t width, std::string& line) {
    std::string digits = std::to_string(value);
    if (digits.size() < width) line.append(width - digits.size(), '0');
    line += digits;
}

void append_clock(std::chrono::microseconds since_midnight, std::string& line) {
    const std::int64_t ms = std::chrono::floor<std::chrono::milliseconds>(since_midnight).count();
    append_padded(ms / 3'600'000, 2, line);
    line += ':';
    append_padded(ms / 60'000 % 60, 2, line);
    line += ':';
    append_padded(ms / 1000 % 60, 2, line);
    line += '.';
    append_padded(ms % 1000, 3, line);
}

// RFC 3339, in UTC, with milliseconds.
void append_time(core::Time time, std::string& line) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    append_padded(int{date.year()}, 4, line);
    line += '-';
    append_padded(unsigned{date.month()}, 2, line);
    line += '-';
    append_padded(unsigned{date.day()}, 2, line);
    line += 'T';
    append_clock(time - day, line);
    line += 'Z';
}

void append_json_text(std::string_view text, std::string& line) {
    line += '"';
    core::escape_json(text, line);
    line += '"';
}

void append_json_key(std::string_view name, std::string& line) {
    if (line.back() != '{') line += ',';
    append_json_text(name, line);
    line += ':';
}

void add_text(std::string_view name, std::string_view text, std::string& line) {
    if (text.empty()) return;
    append_json_key(name, line);
    append_json_text(text, line);
}

void add_field(const Field& field, std::string& line) {
    append_json_key(field.name, line);
    std::visit(
        [&line](const auto& value) {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, std::string_view>) {
                append_json_text(value, line);
            } else if constexpr (std::is_same_v<Value, bool>) {
                line += value ? "true" : "false";
            } else if constexpr (std::is_same_v<Value, double>) {
                if (!std::isfinite(value)) {
                    line += "null";  // JSON has no other number for it
                } else {
                    append_number(value, line);
                }
            } else {
                append_number(value, line);
            }
        },
        field.value);
}

std::string_view colour_of(Level level) {
    switch (level) {
        case Level::debug:
            return "\x1b[90m";
        case Level::info:
            return "\x1b[32m";
        case Level::warn:
            return "\x1b[33m";
        case Level::error:
        case Level::off:
            return "\x1b[31m";
    }
    return "";
}

void append_level(Level level, bool coloured, std::string& line) {
    if (coloured) line += colour_of(level);
    switch (level) {
        case Level::debug:
            line += "DEBUG";
            break;
        case Level::info:
            line += "INFO ";
            break;
        case Level::warn:
            line += "WARN ";
            break;
        case Level::error:
        case Level::off:
            line += "ERROR";
            break;
    }
    if (coloured) line += "\x1b[0m";
}

void add_pretty_field(const Field& field, std::string& line) {
    line += ' ';
    core::escape_pretty(field.name, line);
    line += '=';
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        // Quotes wherever the reader could not tell where the value ends.
        const bool needs_quotes = text->empty() || text->find_first_of(" =\"") != text->npos;
        needs_quotes ? append_json_text(*text, line) : core::escape_pretty(*text, line);
        return;
    }
    std::visit(
        [&line](const auto& value) {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, bool>) {
                line += value ? "true" : "false";
            } else if constexpr (!std::is_same_v<Value, std::string_view>) {
                append_number(value, line);
            }
        },
        field.value);
}

void append_pretty_access(const Access& access, std::string& line) {
    const auto part = [&line](std::string_view text) {
        if (text.empty()) return;
        line += ' ';
        core::escape_pretty(text, line);
    };
    part(access.method);
    part(access.route);
    line += ' ';
    append_number(access.status, line);
    line += ' ';
    append_number(access.duration_us, line);
    line += "us ";
    append_number(access.bytes, line);
    line += 'B';
    part(access.request_id);
    part(access.trace_id);
}

}  // namespace

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
        case Level::off:
            return "off";
    }
    return "";
}

void write_json(const Record& record, std::string& line) {
    line += "{\"time\":\"";
    append_time(record.time, line);
    line += "\",\"level\":\"";
    line += name_of(record.level);
    line += '"';
    add_text("service", record.service, line);
    if (record.access != nullptr) {
        const Access& access = *record.access;
        add_text("route", access.route, line);
        add_text("method", access.method, line);
        add_field({"status", access.status}, line);
        add_field({"duration_us", access.duration_us}, line);
        add_field({"bytes", access.bytes}, line);
        add_text("request_id", access.request_id, line);
        add_text("trace_id", access.trace_id, line);
    }
    add_text("message", record.message, line);
    for (const Field& field : record.fields) add_field(field, line);
    line += "}\n";
}

void write_pretty(const Record& record, bool coloured, std::string& line) {
    append_clock(record.time - std::chrono::floor<std::chrono::days>(record.time), line);
    line += ' ';
    append_level(record.level, coloured, line);
    line += ' ';
    core::escape_pretty(record.service, line);
    if (record.access != nullptr) append_pretty_access(*record.access, line);
    if (!record.message.empty()) line += ' ';
    core::escape_pretty(record.message, line);
    for (const Field& field : record.fields) add_pretty_field(field, line);
    line += '\n';
}

}  // namespace souk::log
