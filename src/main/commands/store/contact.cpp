// souk store contact list, and resend: messages of the contact form, and another try to forward
// them.
#include "main/commands/commands.h"
#include "main/commands/running_program.h"
#include "main/commands/store/mail.h"
#include "main/commands/tables.h"
#include "services/store/contact_messages.h"

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
}  // namespace souk::json

namespace souk::commands {
namespace {

ContactReport report_of(const store::ContactRow& row) {
    ContactReport report{.id = row.id,
                         .name = row.name,
                         .email = row.email,
                         .subject = row.subject,
                         .message = row.message,
                         .delivery = row.delivery,
                         .attempts = row.attempts,
                         .last_error = row.last_error,
                         .created_at = iso_time(row.created_at_ms),
                         .next_attempt_at = {}};
    if (row.next_attempt_at_ms) report.next_attempt_at = iso_time(*row.next_attempt_at_ms);
    return report;
}

std::vector<std::string> cells_of(const store::ContactRow& row) {
    return {std::to_string(row.id),
            time_text(row.created_at_ms),
            row.delivery,
            std::to_string(row.attempts),
            row.email,
            row.subject,
            row.last_error};
}

}  // namespace

int store_contact_list(const CommandLine& line, const MailWanted& wanted) {
    return with_settings("store contact", line, [&wanted](const Config& config) {
        const store::ContactFilter filter{.delivery = wanted.state, .limit = wanted.limit};
        const std::vector<store::ContactRow> rows = read_store(
            config, [&](db::Database& tables) { return store::list_contacts(tables, filter); });
        print_listed(rows, wanted.as_json,
                     Shown<store::ContactRow, ContactReport>{
                         .report = &report_of,
                         .columns = {"ID", "RECEIVED (UTC)", "STATE", "TRIES", "FROM", "SUBJECT",
                                     "LAST ERROR"},
                         .cells = &cells_of,
                         .none = "No messages."
        });
        return done;
    });
}

int store_contact_resend(const CommandLine& line, const MailWanted& wanted) {
    return with_settings("store contact", line, [&wanted](const Config& config) {
        return resend(config, wanted,
                      {.command = "store contact",
                       .path = "/store/contacts/resend",
                       .many = "Messages",
                       .one = "message",
                       .directly = &store::resend_contacts});
    });
}

}  // namespace souk::commands
