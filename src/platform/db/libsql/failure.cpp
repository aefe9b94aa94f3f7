#include "platform/db/libsql/failure.h"

#include <algorithm>
#include <span>
#include <string>

namespace souk::db::libsql {
namespace {

constexpr std::string_view refusal_codes[] = {"SQLITE_CONSTRAINT", "SQLITE_MISMATCH",
                                              "SQLITE_TOOBIG", "SQLITE_RANGE"};
constexpr std::string_view refusal_words[] = {"constraint failed", "datatype mismatch",
                                              "string or blob too big"};
constexpr std::string_view mistake_codes[] = {"SQLITE_ERROR", "SQLITE_MISUSE", "SQL_", "ARGS_"};
constexpr std::string_view mistake_words[] = {"syntax error", "no such table", "no such column"};
constexpr std::string_view busy_words[] = {"database is locked", "database table is locked"};

bool begins_with_one_of(std::string_view code, std::span<const std::string_view> beginnings) {
    return std::ranges::any_of(beginnings,
                               [code](std::string_view each) { return code.starts_with(each); });
}

bool has_one_of(std::string_view message, std::span<const std::string_view> words) {
    return std::ranges::any_of(
        words, [message](std::string_view each) { return message.find(each) != message.npos; });
}

}  // namespace

bool is_busy(std::string_view code, std::string_view message) {
    return code.starts_with("SQLITE_BUSY") || code.starts_with("SQLITE_LOCKED") ||
           has_one_of(message, busy_words);
}

Failure failure(std::string_view code, std::string_view message, std::string_view sql) {
    std::string text = "libSQL: " + std::string(message);
    if (!code.empty()) text += " (" + std::string(code) + ")";
    if (begins_with_one_of(code, refusal_codes) || has_one_of(message, refusal_words))
        return Failure::refused(text);
    if (is_busy(code, message)) return Failure::unavailable(text);
    if (begins_with_one_of(code, mistake_codes) || has_one_of(message, mistake_words))
        return Failure::mistake(text + " in: " + std::string(sql));
    return Failure::unavailable(text);
}

}  // namespace souk::db::libsql
