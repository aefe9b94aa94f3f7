#include "platform/config/setting.h"

#include "platform/core/escape.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace souk::config {
namespace {

// Whose flags have no prefix: `--data-dir`, not `--souk-data-dir`.
constexpr std::string_view everyones = "souk";

Setting row(Kind kind, std::string name, std::string help, std::string default_text) {
    const std::size_t dot = name.find('.');
    if (dot == 0 || dot == std::string::npos || dot + 1 == name.size()) {
        throw std::logic_error("setting '" + name + "' is not named SERVICE.KEY");
    }
    Setting made;
    made.kind = kind;
    made.name = std::move(name);
    made.help = std::move(help);
    made.default_text = std::move(default_text);
    return made;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string all;
    for (const std::string& part : parts) {
        if (!all.empty()) all += between;
        all += part;
    }
    return all;
}

std::optional<bool> parse_flag(std::string_view value) {
    for (const std::string_view yes : {"true", "1", "yes", "on"}) {
        if (value == yes) return true;
    }
    for (const std::string_view no : {"false", "0", "no", "off"}) {
        if (value == no) return false;
    }
    return std::nullopt;
}

bool is_number_within(const std::string& value, Bounds bounds) {
    std::int64_t number = 0;
    const char* const end = value.data() + value.size();
    const std::from_chars_result read = std::from_chars(value.data(), end, number);
    return read.ec == std::errc() && read.ptr == end && number >= bounds.min &&
           number <= bounds.max;
}

// Foreign text inside a mistake: escaped, and cut where it would bury the message.
std::string quoted(const std::string& value) {
    constexpr std::size_t shown_max = 100;
    std::string text = "\"";
    core::escape_pretty(std::string_view(value).substr(0, shown_max), text);
    return text + (value.size() > shown_max ? "…\"" : "\"");
}

bool is_allowed(const Setting& setting, const std::string& value) {
    const auto known = [&setting](const std::string& one) {
        return std::find(setting.allowed.begin(), setting.allowed.end(), one) !=
               setting.allowed.end();
    };
    if (setting.allowed.empty()) return true;
    if (setting.kind != Kind::words) return known(value);
    const std::vector<std::string> all = split_words(value);
    return std::all_of(all.begin(), all.end(), known);
}

std::string shape_fault(const Setting& setting, const std::string& value) {
    if (setting.kind == Kind::whole_number && !is_number_within(value, setting.bounds)) {
        return quoted(value) + " is not a whole number from " + std::to_string(setting.bounds.min) +
               " to " + std::to_string(setting.bounds.max);
    }
    if (setting.kind == Kind::flag && !parse_flag(value))
        return quoted(value) + " is neither true nor false";
    if (!is_allowed(setting, value)) return quoted(value) + " is not " + setting.bounds_text();
    return {};
}

}  // namespace

Setting&& Setting::also(std::string environment_name) && {
    plain_names.push_back(std::move(environment_name));
    return std::move(*this);
}

Setting&& Setting::also_alone(std::string environment_name) && {
    alone_names.push_back(std::move(environment_name));
    return std::move(*this);
}

Setting&& Setting::required_in_production() && {
    required = true;
    return std::move(*this);
}

Setting&& Setting::in_production(std::string value) && {
    production_default = std::move(value);
    has_production_default = true;
    return std::move(*this);
}

Setting&& Setting::check(std::function<std::string(const std::string&)> finds_fault) && {
    complaint = std::move(finds_fault);
    return std::move(*this);
}

Setting&& Setting::one_of(std::vector<std::string> values) && {
    allowed = std::move(values);
    return std::move(*this);
}

Setting&& Setting::made_at_first_start() && {
    if (kind != Kind::secret) throw std::logic_error(name + " is no secret and cannot be made");
    made_when_missing = true;
    return std::move(*this);
}

Setting&& Setting::hiding_password() && {
    hides_password = true;
    return std::move(*this);
}

std::string_view Setting::service() const {
    return std::string_view(name).substr(0, name.find('.'));
}
std::string_view Setting::key() const { return std::string_view(name).substr(name.find('.') + 1); }

std::string Setting::environment() const {
    std::string upper;
    for (const char c : name) {
        upper += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return upper;
}

std::string Setting::flag_name() const {
    if (kind == Kind::secret) return {};
    std::string dashed(service() == everyones ? key() : std::string_view(name));
    for (char& c : dashed) {
        if (c == '.' || c == '_') c = '-';
    }
    return dashed;
}

std::string Setting::bounds_text() const {
    if (kind == Kind::whole_number) {
        return std::to_string(bounds.min) + " to " + std::to_string(bounds.max);
    }
    if (kind == Kind::flag) return "true or false";
    if (!allowed.empty()) {
        return (kind == Kind::words ? "a list of " : "one of ") + joined(allowed, ", ");
    }
    return kind == Kind::words ? "a comma list" : "";
}

Setting text(std::string name, std::string& into, std::string help) {
    Setting made = row(Kind::text, std::move(name), std::move(help), into);
    made.assign = [&into](const std::string& value) { into = value; };
    return made;
}

Setting flag(std::string name, bool& into, std::string help) {
    Setting made = row(Kind::flag, std::move(name), std::move(help), into ? "true" : "false");
    made.assign = [&into](const std::string& value) { into = parse_flag(value).value(); };
    return made;
}

Setting words(std::string name, std::vector<std::string>& into, std::string help) {
    Setting made = row(Kind::words, std::move(name), std::move(help), joined(into, ","));
    made.assign = [&into](const std::string& value) { into = split_words(value); };
    return made;
}

Setting secret(std::string name, std::string& into, std::string help) {
    Setting made = row(Kind::secret, std::move(name), std::move(help), into);
    made.assign = [&into](const std::string& value) { into = value; };
    return made;
}

Setting whole_number_row(std::string name, std::int64_t value, Bounds bounds, std::string help) {
    Setting made = row(Kind::whole_number, std::move(name), std::move(help), std::to_string(value));
    made.bounds = bounds;
    return made;
}

std::string fault_of(const Setting& setting, const std::string& value) {
    if (std::string fault = shape_fault(setting, value); !fault.empty()) return fault;
    if (!setting.complaint) return {};
    const std::string complaint = setting.complaint(value);
    if (complaint.empty() || setting.kind == Kind::secret || setting.hides_password)
        return complaint;
    return quoted(value) + " " + complaint;
}

std::vector<std::string> split_words(std::string_view list) {
    constexpr std::string_view blanks = " \t";
    std::vector<std::string> found;
    while (true) {
        const std::size_t comma = list.find(',');
        std::string_view word = list.substr(0, comma);
        const std::size_t first = word.find_first_not_of(blanks);
        if (first != word.npos) {
            word = word.substr(first, word.find_last_not_of(blanks) - first + 1);
            found.emplace_back(word);
        }
        if (comma == list.npos) return found;
        list.remove_prefix(comma + 1);
    }
}

}  // namespace souk::config
