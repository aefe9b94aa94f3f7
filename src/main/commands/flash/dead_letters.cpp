// souk flash dead-letters: accepted orders the database refused; --retry writes one once more.
#include "services/flash/dead_letters.h"

#include "main/commands/commands.h"
#include "main/commands/output.h"
#include "main/commands/running_program.h"
#include "main/commands/tables.h"
#include "main/data_directory.h"
#include "main/databases.h"
#include "platform/json/read.h"
#include "services/flash/reports.h"

namespace souk {
struct RetryReport {
    std::int64_t written = 0;
    std::int64_t unreadable = 0;
    std::string refusal;
};
}  // namespace souk

namespace souk::json {
template <>
inline constexpr auto shape<flash::DeadLetterRow> =
    object("DeadLetterRow", field("position", &flash::DeadLetterRow::position),
           field("log", &flash::DeadLetterRow::log), field("record", &flash::DeadLetterRow::record),
           field("reason", &flash::DeadLetterRow::reason),
           field("createdAt", &flash::DeadLetterRow::created_at));
template <>
inline constexpr auto shape<RetryReport> =
    object("RetryReport", field("written", &RetryReport::written),
           field("unreadable", &RetryReport::unreadable), field("refusal", &RetryReport::refusal));
}  // namespace souk::json

namespace souk::commands {
namespace {

constexpr std::chrono::seconds retry_patience{10};

void print(const std::vector<flash::DeadLetterRow>& letters, const Listing& wanted) {
    if (wanted.as_json) return print_json(letters);
    std::vector<std::vector<std::string>> rows;
    for (const flash::DeadLetterRow& letter : letters) {
        rows.push_back(
            {std::to_string(letter.position), letter.created_at, letter.reason, letter.record});
    }
    if (rows.empty()) {
        std::cout << "No dead letters.\n";
        return;
    }
    print_table({"POSITION", "SINCE (UTC)", "REASON", "RECORD"}, rows);
}

int tell(const RetryReport& report, const Listing& wanted) {
    const bool is_fine = report.written > 0 && report.unreadable == 0 && report.refusal.empty();
    if (wanted.as_json) {
        print_json(report);
        return is_fine ? done : refused;
    }
    if (report.written > 0) std::cout << "Orders written: " << report.written << '\n';
    if (report.unreadable > 0) {
        std::cerr << "souk flash dead-letters: no order can be read from this record; it stays. "
                     "Write the row by hand, then delete the dead letter\n";
    }
    if (!report.refusal.empty()) {
        std::cerr << "souk flash dead-letters: the database refused it again; it stays. "
                  << report.refusal << '\n';
    }
    return is_fine ? done : refused;
}

int retry_by_running_program(const Config& config, const Listing& wanted) {
    const net::Answer answer =
        ask_operations(config, "/flash/dead-letters/retry",
                       "{\"position\":" + std::to_string(*wanted.retry) + "}", retry_patience);
    if (answer.status != 200) {
        std::cerr << "souk flash dead-letters: " << reason_of(answer) << '\n';
        return exit_code_of(answer);
    }
    std::pmr::monotonic_buffer_resource memory;
    return tell(json::read<RetryReport>(answer.body, memory).value, wanted);
}

core::Task<flash::Retried> write_again(db::Database& database, std::int64_t position) {
    if (!co_await database.claim("flash")) {
        throw std::runtime_error(
            "a souk elsewhere serves flash on this database; run this on its machine");
    }
    const core::SystemClock clock;
    co_return co_await flash::retry_dead_letters(database, position, core::to_ms(clock.now()));
}

int retry_directly(const Config& config, const Listing& wanted) {
    const DataDirectory directory(config.data_dir);
    core::Loop loop("retry");
    const std::unique_ptr<db::Database> database = open_flash(config);
    const flash::Retried retried =
        boost::asio::co_spawn(loop.context(), write_again(*database, *wanted.retry),
                              boost::asio::use_future)
            .get();
    if (retried.written + retried.unreadable == 0 && retried.refusal.empty())
        throw std::runtime_error("no dead letter is at position " + std::to_string(*wanted.retry));
    return tell({.written = static_cast<std::int64_t>(retried.written),
                 .unreadable = static_cast<std::int64_t>(retried.unreadable),
                 .refusal = retried.refusal},
                wanted);
}

}  // namespace

int flash_dead_letters(const CommandLine& line, const Listing& wanted) {
    return with_settings("flash dead-letters", line, [&wanted](const Config& config) {
        if (wanted.retry) {
            return DataDirectory::is_in_use(config.data_dir)
                       ? retry_by_running_program(config, wanted)
                       : retry_directly(config, wanted);
        }
        const flash::ReportFilter filter{
            .product = wanted.product, .state = {}, .limit = wanted.limit};
        print(read_flash(
                  config,
                  [&](db::Database& tables) { return flash::list_dead_letters(tables, filter); }),
              wanted);
        return done;
    });
}

}  // namespace souk::commands
