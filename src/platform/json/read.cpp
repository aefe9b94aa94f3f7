#include "platform/json/read.h"

#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace souk::json::detail {
namespace {

constexpr double int64_bound = 9'223'372'036'854'775'808.0;  // the first that does not fit

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// The text of a JSON string, or empty after reporting what is wrong with it.
std::string_view checked_text(Node node, const Rules& rules, Context& context) {
    const boost::json::string* text = node->if_string();
    if (!text) {
        context.report(Wrong::type, "must be a string");
        return {};
    }
    check_length(code_points({text->data(), text->size()}), rules, context);
    return {text->data(), text->size()};
}

}  // namespace

Deeper::Deeper(Context& context, std::string_view step)
    : context_(context), length_(context.path.size()) {
    if (length_ > 0) context_.path += '.';
    context_.path += step;
}

Deeper::Deeper(Context& context, std::size_t index)
    : context_(context), length_(context.path.size()) {
    context_.path += '[' + std::to_string(index) + ']';
}

bool is_object(Node node) { return node->is_object(); }
bool is_null(Node node) { return node->is_null(); }
Node member(Node object, std::string_view name) {
    return object->get_object().if_contains({name.data(), name.size()});
}

std::size_t element_count(Node node) {
    const boost::json::array* list = node->if_array();
    return list ? list->size() : std::string_view::npos;
}

Node element(Node array, std::size_t index) { return &array->get_array()[index]; }

void refuse_unknown(Node object, const std::vector<std::string_view>& known, Context& context) {
    for (const auto& [key, value] : object->get_object()) {
        const std::string_view name(key.data(), key.size());
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const Deeper deeper(context, name);
        context.report(Wrong::unknown_field, "is not known here");
    }
}

void check_length(std::size_t length, const Rules& rules, Context& context) {
    if (length < rules.length_min) {
        context.report(Wrong::too_short, "must have at least " + std::to_string(rules.length_min));
    } else if (length > rules.length_max) {
        context.report(Wrong::too_long, "must have at most " + std::to_string(rules.length_max));
    }
}

void read_value(Node node, bool& into, const Rules&, Context& context) {
    if (const bool* value = node->if_bool()) {
        into = *value;
    } else {
        context.report(Wrong::type, "must be true or false");
    }
}

void read_value(Node node, std::int64_t& into, const Rules& rules, Context& context) {
    const std::int64_t* value = node->if_int64();
    const double* const real = rules.takes_point_zero ? node->if_double() : nullptr;
    const bool is_whole = real && std::trunc(*real) == *real;
    std::int64_t from_real = 0;
    if (is_whole && std::abs(*real) < int64_bound) {
        from_real = static_cast<std::int64_t>(*real);
        value = &from_real;
    }
    if (!value && !node->if_uint64() && !is_whole)
        return context.report(Wrong::type, "must be a whole number");
    if (!value || *value < rules.least || *value > rules.most) {
        return context.report(Wrong::out_of_range, "must be from " + std::to_string(rules.least) +
                                                       " to " + std::to_string(rules.most));
    }
    into = *value;
}

void read_value(Node node, double& into, const Rules& rules, Context& context) {
    if (!node->is_number()) return context.report(Wrong::type, "must be a number");
    into = node->to_number<double>();
    if (into < static_cast<double>(rules.least) || into > static_cast<double>(rules.most)) {
        context.report(Wrong::out_of_range, "must be from " + std::to_string(rules.least) + " to " +
                                                std::to_string(rules.most));
    }
}

void read_value(Node node, std::string& into, const Rules& rules, Context& context) {
    into = checked_text(node, rules, context);
}

void read_value(Node node, std::string_view& into, const Rules& rules, Context& context) {
    const std::string_view text = checked_text(node, rules, context);
    if (text.empty()) return;
    char* const copy = static_cast<char*>(context.memory->allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    into = {copy, text.size()};
}

}  // namespace souk::json::detail
