// The description of a struct as a JSON object, written once per struct. Reading with validation,
// writing, and the schema in the API description all come from it.
//
//     template <>
//     inline constexpr auto json::shape<NewSale> = json::object(
//         "NewSale", json::field("productId", &NewSale::product_id, "product on sale",
//         json::length(1, 128)), json::field("quantity", &NewSale::quantity, "units",
//         json::range(0, 2147483647)));
//
// A member of type std::optional may be absent or null; every other member is required, unless its
// field says `json::may_be_absent` (then it keeps the value the struct gives it). A whole number
// has no point, unless its field says `json::point_zero`.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace souk::json {

struct Rules {
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::size_t length_min = 0;  // code points of a text, elements of a list
    std::size_t length_max = std::numeric_limits<std::size_t>::max();
    bool required = true;
    bool takes_point_zero = false;  // 2.0 is the whole number 2
};

struct Rule {
    Rules rules;
    enum class Kind { range, length, absence, point_zero } kind;
};

constexpr Rule range(std::int64_t least, std::int64_t most) {
    return {
        .rules = {.least = least, .most = most},
          .kind = Rule::Kind::range
    };
}

constexpr Rule length(std::size_t min, std::size_t max) {
    return {
        .rules = {.length_min = min, .length_max = max},
          .kind = Rule::Kind::length
    };
}

inline constexpr Rule may_be_absent{.rules = {.required = false}, .kind = Rule::Kind::absence};

inline constexpr Rule point_zero{.rules = {.takes_point_zero = true},
                                 .kind = Rule::Kind::point_zero};

constexpr Rules combine(std::initializer_list<Rule> list) {
    Rules all;
    for (const Rule& rule : list) {
        if (rule.kind == Rule::Kind::absence) all.required = false;
        if (rule.kind == Rule::Kind::point_zero) all.takes_point_zero = true;
        if (rule.kind == Rule::Kind::range)
            all.least = rule.rules.least, all.most = rule.rules.most;
        if (rule.kind == Rule::Kind::length) {
            all.length_min = rule.rules.length_min;
            all.length_max = rule.rules.length_max;
        }
    }
    return all;
}

template <typename Owner, typename Member>
struct Field {
    std::string_view name;
    Member Owner::* member;
    std::string_view help;
    Rules rules;
};

template <typename Owner, typename Member, std::same_as<Rule>... More>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::* member,
                                     std::string_view help = "", More... rules) {
    return {name, member, help, combine({rules...})};
}

template <typename... Fields>
struct Object {
    std::string_view name;
    std::tuple<Fields...> fields;
};

template <typename... Fields>
constexpr Object<Fields...> object(std::string_view name, Fields... fields) {
    return {name, {fields...}};
}

struct NoShape {};

template <typename T>
inline constexpr NoShape shape{};

template <typename T>
concept Shaped = !std::is_same_v<std::remove_cvref_t<decltype(shape<T>)>, NoShape>;

// Calls `visit` with each field of T's description.
template <Shaped T, typename Visit>
constexpr void for_each_field(Visit&& visit) {
    std::apply([&](const auto&... fields) { (visit(fields), ...); }, shape<T>.fields);
}

}  // namespace souk::json
