#include "services/store/rules.h"

#include "platform/core/escape.h"
#include "services/store/errors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace souk::store {
namespace {

constexpr std::size_t email_length_max = 254;
constexpr std::size_t local_length_max = 64;
constexpr std::int64_t limit_max = 100;

constexpr std::array<std::string_view, 19> wide_spaces{
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
    "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
    "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 28 && c <= 31); }

// How many bytes of white space the text begins, or ends, with.
std::size_t space_at_begin(std::string_view text) {
    if (!text.empty() && is_ascii_space(text.front())) return 1;
    for (const std::string_view space : wide_spaces)
        if (text.starts_with(space)) return space.size();
    return 0;
}

std::size_t space_at_end(std::string_view text) {
    if (!text.empty() && is_ascii_space(text.back())) return 1;
    for (const std::string_view space : wide_spaces)
        if (text.ends_with(space)) return space.size();
    return 0;
}

std::string_view cut(std::string_view text, std::size_t length) {
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (begins && length-- == 0) break;
    }
    return text.substr(0, end);
}

bool is_decimal(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// nullopt: decimal, but not within 64 bits.
std::optional<std::int64_t> number_of(std::string_view decimal) {
    std::int64_t number = 0;
    const auto [end, error] =
        std::from_chars(decimal.data(), decimal.data() + decimal.size(), number);
    return error == std::errc() ? std::optional(number) : std::nullopt;
}

core::Result<std::int64_t> read_number(std::string_view name,
                                       const std::optional<std::string_view>& sent,
                                       std::int64_t absent, std::int64_t most) {
    if (!sent) return absent;
    if (!is_decimal(*sent)) return invalid(std::string(name) + ": must be a whole number");
    const std::optional<std::int64_t> number = number_of(*sent);
    if (number && *number >= 1 && *number <= most) return *number;
    return invalid(std::string(name) + ": must be between 1 and " + std::to_string(most));
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

std::string_view trimmed(std::string_view text) {
    while (const std::size_t space = space_at_begin(text)) text.remove_prefix(space);
    while (const std::size_t space = space_at_end(text)) text.remove_suffix(space);
    return text;
}

std::string folded(std::string_view text) {
    std::string small(text);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return small;
}

bool has_line_break(std::string_view text) {
    return text.find_first_of("\n\v\f\r") != std::string_view::npos ||
           text.find("\u0085") != std::string_view::npos ||
           text.find("\u2028") != std::string_view::npos ||
           text.find("\u2029") != std::string_view::npos;
}

core::Result<Person> check_person(std::string_view email, std::string_view name) {
    const std::string_view bare = trimmed(email);
    if (bare.empty()) return missing_email();
    if (code_points(bare) > person_length_max)
        return invalid("email: must have at most 100 characters");
    if (bare.find('\0') != std::string_view::npos)
        return invalid("email: must not have a NUL character");

    Person person{.email = folded(bare),
                  .name = std::string(cut(trimmed(name), person_length_max))};
    std::erase(person.name, '\0');
    if (person.name.empty()) person.name = "Unknown User";
    return person;
}

bool is_email(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
        return false;
    const std::string_view local = text.substr(0, at);
    const std::string_view domain = text.substr(at + 1);
    const bool has_space = std::any_of(text.begin(), text.end(), is_ascii_space) ||
                           std::any_of(wide_spaces.begin(), wide_spaces.end(), [&](auto space) {
                               return text.find(space) != std::string_view::npos;
                           });
    return !local.empty() && code_points(local) <= local_length_max &&
           code_points(text) <= email_length_max && !has_space && !has_line_break(text) &&
           !has_control(text) && domain.find('.') != std::string_view::npos &&
           domain.find("..") == std::string_view::npos && !domain.starts_with('.') &&
           !domain.ends_with('.');
}

core::Result<ListQuery> check_list(const ListTexts& sent) {
    ListQuery query;
    query.search = sent.q.value_or("");
    if (!core::is_utf8(query.search)) return invalid("q: must be UTF-8");
    if (code_points(query.search) > search_length_max)
        return invalid("q: must have at most 200 characters");

    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const core::Result<std::int64_t> page = read_number("page", sent.page, query.page, most);
    if (!page) return page.error();
    const core::Result<std::int64_t> limit =
        read_number("limit", sent.limit, query.limit, limit_max);
    if (!limit) return limit.error();
    query.page = *page;
    query.limit = *limit;
    const std::int64_t page_max = most / query.limit;  // beyond it the offset may leave 63 bits
    if (query.page - 1 > page_max)
        return invalid("page: must be between 1 and " + std::to_string(page_max));
    return query;
}

std::string list_key(const ListQuery& query) {
    std::string key =
        query.search.empty() ? std::string("products:all") : "products:search:" + query.search;
    key += ":page:" + std::to_string(query.page) + ":limit:" + std::to_string(query.limit);
    return key;
}

core::Result<std::optional<std::int64_t>> check_product_id(std::string_view text) {
    if (!is_decimal(text)) return invalid("product_id: must be a whole number");
    return number_of(text);
}

std::string joined(std::initializer_list<std::string_view> texts) {
    std::string all;
    for (const std::string_view text : texts) {
        all += std::to_string(text.size()) + ":";
        all += text;
    }
    return all;
}

}  // namespace souk::store
