// What the commands about store's mail have in common: its lists, and sending again what was given
// up, through the running program or without one.
#pragma once

#include "main/commands/commands.h"
#include "main/commands/output.h"
#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/db/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace souk::commands {

std::string iso_time(std::int64_t ms);

// Rows as JSON by their reports, or as a table; `none` is said when there are no rows.
template <typename Row, typename Report>
struct Shown {
    Report (*report)(const Row& row);
    std::vector<std::string> columns;
    std::vector<std::string> (*cells)(const Row& row);
    const char* none;
};

template <typename Row, typename Report>
void print_listed(const std::vector<Row>& rows, bool as_json, const Shown<Row, Report>& shown) {
    if (as_json) {
        std::vector<Report> reports;
        for (const Row& row : rows) reports.push_back(shown.report(row));
        return print_json(reports);
    }
    if (rows.empty()) {
        std::cout << shown.none << '\n';
        return;
    }
    std::vector<std::vector<std::string>> lines;
    for (const Row& row : rows) lines.push_back(shown.cells(row));
    print_table(shown.columns, lines);
}

struct Resending {
    std::string command;  // "store contact"
    std::string path;     // of the operations listener
    std::string many;     // "Messages"
    std::string one;      // "message", before its id
    // Gives how many are queued.
    std::function<core::Task<std::int64_t>(db::Database&, std::optional<std::int64_t> id,
                                           core::Time now)>
        directly;
};

// That of one id, or all that failed. The exit code.
int resend(const Config& config, const MailWanted& wanted, const Resending& what);

}  // namespace souk::commands
