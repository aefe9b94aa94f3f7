// Reads JSON text into a described struct and reports every mistake, not only the first.
#pragma once

#include "platform/json/shape.h"

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::json {
class value;
}

namespace souk::json {

enum class Wrong { missing, type, too_short, too_long, out_of_range, unknown_field };

struct Problem {
    std::string path;  // "items[2].price"
    Wrong wrong;
    std::string message;  // for people
};

enum class UnknownFields { ignored, refused };

template <typename T>
struct Reading {
    T value{};
    bool malformed = false;         // not JSON, or not an object
    std::vector<Problem> problems;  // in the order of the description

    bool fine() const { return !malformed && problems.empty(); }
    // The first thing wrong with this top-level field, if anything is.
    const Problem* problem(std::string_view field) const {
        for (const Problem& found : problems) {
            if (found.path == field) return &found;
        }
        return nullptr;
    }
};

namespace detail {

using Node = const boost::json::value*;

// A parsed text. Small documents stay in memory on the stack.
class Document {
public:
    explicit Document(std::string_view text);
    ~Document();
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;
    Node root() const { return root_; }  // null when the text is not JSON

private:
    struct Parts;
    alignas(std::max_align_t) std::byte room_[4096];
    Parts* parts_;
    Node root_ = nullptr;
};

struct Context {
    std::pmr::memory_resource* memory;
    UnknownFields unknown_fields;
    std::vector<Problem>* problems;
    std::string path;

    void report(Wrong wrong, std::string message) {
        problems->push_back({path, wrong, std::move(message)});
    }
};

bool is_object(Node node);
bool is_null(Node node);
Node member(Node object, std::string_view name);  // null when absent
std::size_t element_count(Node node);             // of an array; npos when it is none
Node element(Node array, std::size_t index);
void refuse_unknown(Node object, const std::vector<std::string_view>& known, Context& context);
void check_length(std::size_t length, const Rules& rules, Context& context);

void read_value(Node node, bool& into, const Rules& rules, Context& context);
void read_value(Node node, std::int64_t& into, const Rules& rules, Context& context);
void read_value(Node node, double& into, const Rules& rules, Context& context);
void read_value(Node node, std::string& into, const Rules& rules, Context& context);
void read_value(Node node, std::string_view& into, const Rules& rules, Context& context);

template <typename T>
void read_value(Node node, std::optional<T>& into, const Rules& rules, Context& context);
template <typename T>
void read_value(Node node, std::vector<T>& into, const Rules& rules, Context& context);

class Deeper {  // extends the path while a member is read
public:
    Deeper(Context& context, std::string_view step);
    Deeper(Context& context, std::size_t index);
    ~Deeper() { context_.path.resize(length_); }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

private:
    Context& context_;
    std::size_t length_;
};

template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <Shaped T>
void read_value(Node node, T& into, const Rules&, Context& context) {
    if (!is_object(node)) return context.report(Wrong::type, "must be an object");
    std::vector<std::string_view> known;
    for_each_field<T>([&](const auto& field) {
        const Deeper deeper(context, field.name);
        if (context.unknown_fields == UnknownFields::refused) known.push_back(field.name);
        auto& target = into.*field.member;
        const Node found = member(node, field.name);
        if (found) {
            read_value(found, target, field.rules, context);
        } else if (field.rules.required && !is_optional<std::remove_cvref_t<decltype(target)>>) {
            context.report(Wrong::missing, "is required");
        }
    });
    if (context.unknown_fields == UnknownFields::refused) refuse_unknown(node, known, context);
}

template <typename T>
void read_value(Node node, std::optional<T>& into, const Rules& rules, Context& context) {
    if (is_null(node)) return;
    read_value(node, into.emplace(), rules, context);
}

template <typename T>
void read_value(Node node, std::vector<T>& into, const Rules& rules, Context& context) {
    const std::size_t count = element_count(node);
    if (count == std::string_view::npos) return context.report(Wrong::type, "must be a list");
    check_length(count, rules, context);
    if (count > rules.length_max) return;
    into.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Deeper deeper(context, i);
        read_value(element(node, i), into[i], Rules{}, context);
    }
}

}  // namespace detail

// Members of type std::string_view point into `memory`, which must outlive the value.
template <Shaped T>
Reading<T> read(std::string_view text, std::pmr::memory_resource& memory,
                UnknownFields unknown_fields = UnknownFields::ignored) {
    Reading<T> reading;
    const detail::Document document(text);
    if (!document.root() || !detail::is_object(document.root())) {
        reading.malformed = true;
        return reading;
    }
    detail::Context context{&memory, unknown_fields, &reading.problems, {}};
    detail::read_value(document.root(), reading.value, Rules{}, context);
    return reading;
}

}  // namespace souk::json
