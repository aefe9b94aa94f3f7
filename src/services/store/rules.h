// The rules of store as plain functions: texts, people, pages of the list.
#pragma once

#include "platform/core/result.h"
#include "services/store/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::store {

inline constexpr std::int64_t quantity_max = 1'000'000;
inline constexpr std::int64_t cart_entries_max =
    1'000;  // our choice: a checkout takes them all at once
inline constexpr std::size_t search_length_max = 200;
inline constexpr std::size_t person_length_max = 100;  // of email and name

std::size_t code_points(std::string_view text);

// Without white space at both ends, of Unicode as well.
std::string_view trimmed(std::string_view text);

// Capital letters of ASCII made small; everything else stays. Searches compare texts this way, on
// every engine.
std::string folded(std::string_view text);

// Whether it has a character that would break a line of a mail's header.
bool has_line_break(std::string_view text);

// The email made ready, and the name cut to what the table takes. An email that is empty is
// MISSING_EMAIL, one that is too long a validation error.
core::Result<Person> check_person(std::string_view email, std::string_view name);

// One '@', a local part of up to 64, a domain with a dot, no spaces or control characters.
bool is_email(std::string_view text);

// The texts are as decoded from the query; nullopt: absent.
struct ListTexts {
    std::optional<std::string_view> q;
    std::optional<std::string_view> page;
    std::optional<std::string_view> limit;
};
core::Result<ListQuery> check_list(const ListTexts& sent);

// Under which the page is cached (section 6).
std::string list_key(const ListQuery& query);

// The id of a path: an integer (422 when it is none) that may be outside of 63 bits (nullopt).
core::Result<std::optional<std::int64_t>> check_product_id(std::string_view text);

// The texts as one, so that no other texts give the same.
std::string joined(std::initializer_list<std::string_view> texts);

}  // namespace souk::store
