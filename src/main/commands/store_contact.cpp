// souk store contact list, and resend: messages of the contact form, and another try to forward
// them.
#include "main/commands/commands.h"
#include "main/commands/output.h"
#include "main/commands/running_program.h"
#include "main/commands/tables.h"
#include "main/data_directory.h"
#include "platform/core/clock.h"
#include "platform/core/iso_time.h"
#include "platform/json/read.h"
#include "services/store/contact_messages.h"

#include <filesystem>
#include <iostream>
#include <memory_resource>
#include <optional>
#include <stdexcept>

namespace souk {
struct ContactReport {
    std::int64_t id = 0;
    std::string name;
    std::string email;
    std::string subject;
    std::string message;
    std::string delivery;
    std::int64_t attempts = 0;
    std::string last_error;
    std::string created_at;
    std::optional<std::string> next_attempt_at;
};
struct ResendReport {
    std::int64_t queued = 0;
};
}  // namespace souk

namespace souk::json {
template <>
inline constexpr auto shape<ContactReport> = object(
    "Contact", field("id", &ContactReport::id), field("name", &ContactReport::name),
    field("email", &ContactReport::email), field("subject", &ContactReport::subject),
    field("message", &ContactReport::message), field("delivery", &ContactReport::delivery),
    field("attempts", &ContactReport::attempts), field("lastError", &ContactReport::last_error),
    field("createdAt", &ContactReport::created_at),
    field("nextAttemptAt", &ContactReport::next_attempt_at));
template <>
inline constexpr auto shape<ResendReport> =
    object("Resent", field("queued", &ResendReport::queued));
}  // namespace souk::json

namespace souk::commands {
namespace {

constexpr std::chrono::seconds resend_patience{10};

std::string iso(std::int64_t ms) { return core::to_iso8601(core::from_ms(ms)); }

ContactReport report_of(const store::ContactRow& row) {
    ContactReport report{.id = row.id,
                         .name = row.name,
                         .email = row.email,
                         .subject = row.subject,
                         .message = row.message,
                         .delivery = row.delivery,
                         .attempts = row.attempts,
                         .last_error = row.last_error,
                         .created_at = iso(row.created_at_ms),
                         .next_attempt_at = {}};
    if (row.next_attempt_at_ms) report.next_attempt_at = iso(*row.next_attempt_at_ms);
    return report;
}

void print(const std::vector<store::ContactRow>& messages, const ContactWanted& wanted) {
    if (wanted.as_json) {
        std::vector<ContactReport> reports;
        for (const store::ContactRow& row : messages) reports.push_back(report_of(row));
        return print_json(reports);
    }
    if (messages.empty()) {
        std::cout << "No messages.\n";
        return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const store::ContactRow& row : messages) {
        rows.push_back({std::to_string(row.id), time_text(row.created_at_ms), row.delivery,
                        std::to_string(row.attempts), row.email, row.subject, row.last_error});
    }
    print_table({"ID", "RECEIVED (UTC)", "STATE", "TRIES", "FROM", "SUBJECT", "LAST ERROR"}, rows);
}

int tell(std::int64_t queued, const ContactWanted& wanted) {
    if (wanted.as_json) {
        print_json(ResendReport{queued});
    } else {
        std::cout << "Messages on their way again: " << queued << '\n';
    }
    return done;
}

int resend_by_running_program(const Config& config, const ContactWanted& wanted) {
    const std::string body = wanted.id ? "{\"id\":" + std::to_string(*wanted.id) + "}" : "{}";
    const net::Answer answer =
        ask_operations(config, "/store/contacts/resend", body, resend_patience);
    if (answer.status != 200) {
        std::cerr << "souk store contact: " << reason_of(answer) << '\n';
        return exit_code_of(answer);
    }
    std::pmr::monotonic_buffer_resource memory;
    return tell(json::read<ResendReport>(answer.body, memory).value.queued, wanted);
}

int resend_directly(const Config& config, const ContactWanted& wanted) {
    const DataDirectory directory(config.data_dir);
    if (is_store_embedded(config) && !std::filesystem::exists(store_file(config))) {
        throw std::runtime_error(store_file(config) +
                                 " is not there; name the data directory with --data-dir");
    }
    const core::SystemClock clock;
    const auto open = [](const Config& from, std::chrono::milliseconds) {
        return open_store(from);
    };
    const std::int64_t queued = look_at(open, config, [&](db::Database& tables) {
        return store::resend_contacts(tables, wanted.id, clock.now());
    });
    if (wanted.id && queued == 0) {
        throw std::runtime_error("no message " + std::to_string(*wanted.id) +
                                 ", or it is on its way already");
    }
    const int code = tell(queued, wanted);
    if (queued > 0 && !wanted.as_json)
        std::cout << "No souk runs on " << config.data_dir << ": the next start sends them.\n";
    return code;
}

}  // namespace

int store_contact_list(const CommandLine& line, const ContactWanted& wanted) {
    return with_settings("store contact", line, [&wanted](const Config& config) {
        const store::ContactFilter filter{.delivery = wanted.state, .limit = wanted.limit};
        print(
            read_store(config,
                       [&](db::Database& tables) { return store::list_contacts(tables, filter); }),
            wanted);
        return done;
    });
}

int store_contact_resend(const CommandLine& line, const ContactWanted& wanted) {
    return with_settings("store contact", line, [&wanted](const Config& config) {
        return DataDirectory::is_in_use(config.data_dir) ? resend_by_running_program(config, wanted)
                                                         : resend_directly(config, wanted);
    });
}

}  // namespace souk::commands
