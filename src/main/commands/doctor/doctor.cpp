// souk doctor: what is wrong on this machine, why it matters, how to mend it.
#include "main/commands/doctor/doctor.h"

#include "main/commands/commands.h"
#include "main/commands/output.h"

#include <algorithm>
#include <iterator>

namespace souk {
struct DoctorReport {
    std::string verdict;
    std::vector<commands::Finding> checks;
};
}  // namespace souk

namespace souk::json {
template <>
inline constexpr auto shape<commands::Finding> =
    object("Finding", field("check", &commands::Finding::check),
           field("state", &commands::Finding::state, "ok, warning or wrong"),
           field("found", &commands::Finding::found), field("why", &commands::Finding::why),
           field("mend", &commands::Finding::mend));
template <>
inline constexpr auto shape<DoctorReport> =
    object("DoctorReport", field("verdict", &DoctorReport::verdict),
           field("checks", &DoctorReport::checks));
}  // namespace souk::json

namespace souk::commands {
namespace {

void add(Findings& all, Findings more) {
    std::move(more.begin(), more.end(), std::back_inserter(all));
}

bool is_among(const std::vector<std::string>& services, const char* name) {
    return std::find(services.begin(), services.end(), name) != services.end();
}

Findings settings_in_doubt(const Config& config, const std::vector<std::string>& services) {
    Findings all;
    if (is_among(services, "flash")) add(all, check_flash_settings(config));
    if (is_among(services, "store")) add(all, check_store_settings(config));
    if (all.empty())
        all.push_back(ok("settings", "no mistakes, " + config.environment + " environment"));
    return all;
}

Findings look_at_everything(const Config& config, const std::vector<std::string>& services) {
    Findings all = settings_in_doubt(config, services);
    all.push_back(check_directory(config));
    all.push_back(check_space(config));
    all.push_back(check_sync_speed(config));
    all.push_back(check_clock());
    all.push_back(check_descriptors(config));
    add(all, check_ports(config, services));
    if (is_among(services, "flash")) {
        add(all, check_flash_tables(config));
        all.push_back(check_flash_log(config));
    }
    if (is_among(services, "store")) {
        add(all, check_store_tables(config));
        all.push_back(check_store_cache(config));
        all.push_back(check_store_issuer(config));
        all.push_back(check_store_mail(config));
    }
    return all;
}

Findings mistakes_as_findings(const std::vector<std::string>& mistakes) {
    Findings all;
    for (const std::string& mistake : mistakes) {
        all.push_back({"settings", "wrong", mistake, "souk does not start with it",
                       "correct it; `souk config` shows every setting and its source"});
    }
    return all;
}

std::string verdict_on(const Findings& all) {
    const auto has = [&all](const char* state) {
        return std::any_of(all.begin(), all.end(),
                           [state](const Finding& each) { return each.state == state; });
    };
    if (has("wrong")) return "wrong";
    return has("warning") ? "warning" : "ok";
}

void print(const Findings& all) {
    for (const Finding& each : all) {
        const char* const mark = each.state == "ok"        ? "  ok       "
                                 : each.state == "warning" ? "  warning  "
                                                           : "  WRONG    ";
        std::cout << mark << each.check << ": " << each.found << '\n';
        if (!each.why.empty()) std::cout << "             why it matters: " << each.why << '\n';
        if (!each.mend.empty()) std::cout << "             what to do: " << each.mend << '\n';
    }
    const auto count = [&all](const char* state) {
        return std::count_if(all.begin(), all.end(),
                             [state](const Finding& each) { return each.state == state; });
    };
    std::cout << count("wrong") << " wrong, " << count("warning") << " in doubt, " << count("ok")
              << " fine\n";
}

}  // namespace

int doctor(const CommandLine& line, bool as_json) {
    Config config;
    const config::Outcome outcome = load(line, Purpose::look, config);
    const Findings all = outcome.mistakes.empty() ? look_at_everything(config, line.services)
                                                  : mistakes_as_findings(outcome.mistakes);
    const std::string verdict = verdict_on(all);
    if (as_json) {
        print_json(DoctorReport{.verdict = verdict, .checks = all});
    } else {
        print(all);
    }
    return verdict == "wrong" ? refused : done;
}

}  // namespace souk::commands
