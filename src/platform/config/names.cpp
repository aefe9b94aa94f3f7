#include "platform/config/names.h"

#include "platform/config/nearest.h"
#include "platform/core/escape.h"

#include <algorithm>
#include <string_view>

namespace souk::config {
namespace {

using Mistakes = std::vector<std::string>;

std::string no_such_setting(std::string_view where, std::string_view mistyped,
                            const std::vector<std::string>& known) {
    std::string text;
    core::escape_pretty(where, text);
    const std::string close = nearest(mistyped, known);
    return text + ": no such setting" + (close.empty() ? "" : "; did you mean " + close + "?");
}

std::string instead(const Setting& secret) {
    return "; set " + secret.environment() + " or " + secret.environment() + "_FILE";
}

// The flag a row has or, for a secret, would have.
std::string flag_of(const Setting& row) {
    if (row.kind != Kind::secret) return "--" + row.flag_name();
    Setting as_text = row;
    as_text.kind = Kind::text;
    return "--" + as_text.flag_name();
}

std::vector<std::string> known_flags(const Settings& rows) {
    std::vector<std::string> known;
    for (const Setting& row : rows) {
        if (row.kind != Kind::secret) known.push_back(flag_of(row));
    }
    return known;
}

std::vector<std::string> known_environment(const Settings& rows) {
    std::vector<std::string> known;
    const auto add = [&known](const Setting& row, const std::string& name) {
        known.push_back(name);
        if (row.kind == Kind::secret) known.push_back(name + "_FILE");
    };
    for (const Setting& row : rows) {
        add(row, row.environment());
        for (const std::string& name : row.plain_names) add(row, name);
        for (const std::string& name : row.alone_names) add(row, name);
    }
    return known;
}

std::vector<std::string> known_keys(const Settings& rows) {
    std::vector<std::string> known;
    for (const Setting& row : rows) {
        if (row.kind != Kind::secret) known.push_back(row.name);
    }
    return known;
}

void check_flags(const Settings& rows, const Sources& sources, Mistakes& mistakes) {
    for (const auto& [name, value] : sources.flags) {
        const std::string flag = "--" + name;
        const auto row = std::find_if(rows.begin(), rows.end(),
                                      [&flag](const Setting& one) { return flag_of(one) == flag; });
        if (row == rows.end()) {
            mistakes.push_back(no_such_setting("flag " + flag, flag, known_flags(rows)));
        } else if (row->kind == Kind::secret) {
            mistakes.push_back("flag " + flag +
                               ": a secret is never given on the command line, where " +
                               "every user of the machine can read it" + instead(*row));
        } else if (!runs(*row, sources)) {
            mistakes.push_back("flag " + flag + ": " + std::string(row->service()) +
                               " is not among the services to run");
        }
    }
}

// Set by our own tests and scripts, for themselves.
bool is_for_tests(std::string_view name) {
    return name == "SOUK_BINARY" || name.starts_with("SOUK_TEST_") ||
           name.starts_with("SOUK_CRASH_");
}

bool has_our_prefix(std::string_view name, const Settings& rows, const Sources& sources) {
    return std::any_of(rows.begin(), rows.end(), [&](const Setting& row) {
        const std::string prefix = row.environment().substr(0, row.service().size() + 1);
        return runs(row, sources) && name.starts_with(prefix);
    });
}

void check_environment(const Settings& rows, const Sources& sources, Mistakes& mistakes) {
    const std::vector<std::string> known = known_environment(rows);
    for (const auto& [name, value] : sources.environment) {
        if (value.empty() || is_for_tests(name) || !has_our_prefix(name, rows, sources)) continue;
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        mistakes.push_back(no_such_setting("environment " + name, name, known));
    }
}

void check_toml(const Settings& rows, const TomlFile& toml, Mistakes& mistakes) {
    for (const TomlValue& value : toml.values) {
        const std::string where = value.place + ": " + value.name;
        const auto row = std::find_if(rows.begin(), rows.end(), [&value](const Setting& one) {
            return one.name == value.name;
        });
        if (row == rows.end()) {
            mistakes.push_back(no_such_setting(where, value.name, known_keys(rows)));
        } else if (row->kind == Kind::secret) {
            mistakes.push_back(where +
                               ": a secret never stands in the settings file, which is copied " +
                               "and committed" + instead(*row));
        }
    }
}

}  // namespace

bool runs(const Setting& row, const Sources& sources) {
    const std::vector<std::string>& running = sources.services;
    return row.service() == "souk" ||
           std::find(running.begin(), running.end(), row.service()) != running.end();
}

std::vector<std::string> name_mistakes(const Settings& rows, const Sources& sources,
                                       const TomlFile& toml) {
    Mistakes mistakes;
    check_flags(rows, sources, mistakes);
    check_environment(rows, sources, mistakes);
    check_toml(rows, toml, mistakes);
    return mistakes;
}

}  // namespace souk::config
