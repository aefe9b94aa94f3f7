#include "platform/config/load.h"

#include "platform/config/names.h"
#include "platform/config/password.h"
#include "platform/config/secrets.h"
#include "platform/config/toml_file.h"

#include <stdexcept>
#include <string_view>
#include <unistd.h>

namespace souk::config {
namespace {

struct Found {
    std::string text;
    std::string source;      // for the table
    std::string place;       // for a mistake: with line and column
    std::string fault = {};  // of its type, in souk.toml
};

// An empty value counts as unset: it is how many tools pass on what they were not given.
const std::string* environment_value(const Sources& sources, const std::string& name) {
    const auto found = sources.environment.find(name);
    return found == sources.environment.end() || found->second.empty() ? nullptr : &found->second;
}

// The names that count for this row in this run, the prefixed one first.
std::vector<std::string> environment_names(const Setting& row, const Sources& sources) {
    std::vector<std::string> names = {row.environment()};
    names.insert(names.end(), row.plain_names.begin(), row.plain_names.end());
    if (sources.services.size() == 1) {
        names.insert(names.end(), row.alone_names.begin(), row.alone_names.end());
    }
    return names;
}

std::optional<Found> find(const Setting& row, const Sources& sources, const TomlFile& toml) {
    if (const auto flag = sources.flags.find(row.flag_name()); flag != sources.flags.end()) {
        const std::string source = "flag --" + flag->first;
        return Found{flag->second, source, source};
    }
    for (const std::string& name : environment_names(row, sources)) {
        if (const std::string* value = environment_value(sources, name)) {
            return Found{*value, "environment " + name, "environment " + name};
        }
    }
    if (const TomlValue* value = toml.find(row.name)) {
        return Found{value->text, sources.toml_path, value->place + ": " + row.name,
                     type_fault(row, *value)};
    }
    return std::nullopt;
}

class Loader {
public:
    Loader(const Settings& rows, const Sources& sources) : rows_(rows), sources_(sources) {
        if (sources_.toml) toml_ = read_toml(*sources_.toml, sources_.toml_path);
        outcome_.mistakes = toml_.mistakes;
        for (std::string& each : name_mistakes(rows_, sources_, toml_)) mistake(std::move(each));
    }

    Outcome load() {
        for (const Setting& row : rows_) {
            if (!runs(row, sources_)) continue;
            row.kind == Kind::secret ? load_secret(row) : load_row(row);
        }
        // Nothing is made on disk for a start that will not happen.
        if (outcome_.mistakes.empty()) make_secrets();
        return std::move(outcome_);
    }

private:
    struct Missing {
        const Setting* row;
        std::size_t value;  // its place in outcome_.values
    };

    void mistake(std::string text) { outcome_.mistakes.push_back(std::move(text)); }

    void load_row(const Setting& row) {
        const std::optional<Found> found = find(row, sources_, toml_);
        if (found) {
            take(row, *found);
        } else if (sources_.production && row.has_production_default) {
            take(row,
                 {row.production_default, "production default", row.name + ": production default"});
        } else {
            if (row.default_text.empty() && must_be_set(row)) require(row);
            show(row, row.default_text, "default");
        }
    }

    void take(const Setting& row, const Found& found) {
        const std::string fault = found.fault.empty() ? fault_of(row, found.text) : found.fault;
        if (fault.empty()) {
            row.assign(found.text);
        } else {
            mistake(found.place + ": " + fault);
        }
        show(row, shown(row, found.text), found.source);
    }

    static std::string shown(const Setting& row, const std::string& text) {
        if (row.kind == Kind::secret) return std::string(masked);
        return row.hides_password ? without_password(text) : text;
    }

    bool must_be_set(const Setting& row) const {
        return sources_.production && sources_.asks_required &&
               (row.required || row.made_when_missing);
    }

    void require(const Setting& row) {
        std::string text = row.name + " must be set in production: " + row.environment();
        for (const std::string& name : environment_names(row, sources_)) {
            if (name != row.environment()) text.append(" or ").append(name);
        }
        if (row.kind == Kind::secret) text += ", or a file's path in the same name with _FILE";
        mistake(text + " (" + row.help + ")");
    }

    void load_secret(const Setting& row) {
        if (const std::optional<Found> found = find_secret(row)) {
            if (!found->text.empty()) take(row, *found);
        } else if (must_be_set(row)) {
            require(row);
        } else if (row.made_when_missing) {
            missing_.push_back({&row, outcome_.values.size()});
            show(row, std::string(masked), "made at first start");
        } else {
            show(row, row.default_text.empty() ? "" : std::string(masked), "default");
        }
    }

    // An empty text: it was set, and what is wrong with it has been reported.
    std::optional<Found> find_secret(const Setting& row) {
        for (const std::string& name : environment_names(row, sources_)) {
            const std::string* value = environment_value(sources_, name);
            const std::string* file = environment_value(sources_, name + "_FILE");
            if (value != nullptr && file != nullptr) {
                mistake("environment " + name + ": its _FILE is set as well; keep one of the two");
                return Found{};
            }
            if (value != nullptr)
                return Found{*value, "environment " + name, "environment " + name};
            if (file != nullptr) return secret_from_file(name + "_FILE", *file);
        }
        return std::nullopt;
    }

    Found secret_from_file(const std::string& name, const std::string& path) {
        const std::string source = "environment " + name;
        try {
            return {read_secret_file(path), source, source};
        } catch (const std::runtime_error& error) {
            mistake(source + ": " + error.what());
            return {};
        }
    }

    void make_secrets() {
        core::SystemRandom system;
        core::Random& random = sources_.random != nullptr ? *sources_.random : system;
        for (const Missing& missing : missing_) {
            const Setting& row = *missing.row;
            Effective& shown = outcome_.values[missing.value];
            try {
                const bool is_kept = is_secret_kept(sources_.data_directory, row.environment());
                if (!is_kept && !sources_.make_secrets) {
                    shown.value.clear();
                    shown.source = "will be made at first start";
                    continue;
                }
                row.assign(kept_secret(sources_.data_directory, row.environment(), random));
            } catch (const std::runtime_error& error) {
                mistake(row.name + ": " + error.what());
            }
        }
    }

    void show(const Setting& row, std::string value, std::string source) {
        outcome_.values.push_back(
            {row.name, std::move(value), std::move(source), row.help, row.bounds_text()});
    }

    const Settings& rows_;
    const Sources& sources_;
    TomlFile toml_;
    std::vector<Missing> missing_;
    Outcome outcome_;
};

}  // namespace

Outcome load(const Settings& rows, const Sources& sources) { return Loader(rows, sources).load(); }

std::string peek(const Setting& row, const Sources& sources) {
    const TomlFile toml = sources.toml ? read_toml(*sources.toml, sources.toml_path) : TomlFile{};
    const std::optional<Found> found = find(row, sources, toml);
    return found ? found->text : row.default_text;
}

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (equals != text.npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

}  // namespace souk::config
