// The jobs behind the contact form: what was written there goes to the shop's owner, by mail, by
// webhook or by both.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/jobs/jobs.h"
#include "platform/mail/mail.h"
#include "platform/net/client.h"
#include "services/store/contact_messages.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace souk::store {

class ContactForward {
public:
    struct Parts {
        db::Database& database;
        net::Client& client;
        mail::Sender* mail;  // null: no mail
        const core::Clock& clock;
        std::string to;           // empty: no mail
        std::string webhook_url;  // empty: no webhook
    };

    explicit ContactForward(Parts parts) : parts_(std::move(parts)) {}

    bool has_receiver() const { return mails() || !parts_.webhook_url.empty(); }

    // This object must outlive their runner.
    std::vector<jobs::Kind> kinds();

private:
    bool mails() const { return parts_.mail != nullptr && !parts_.to.empty(); }

    core::Task<> forward(jobs::Job job);
    core::Task<> send_mail(jobs::Job job, Forwarding message);
    core::Task<> call_webhook(std::string key, Forwarding message);
    core::Task<> note_failure(jobs::Job job, std::string why, std::optional<core::Time> next);
    core::Task<> tidy(jobs::Job job);

    Parts parts_;
};

// Longer than a mail and a webhook may take behind a slow server and seven other mails: a job whose
// lease is over is begun by another process as well.
inline constexpr std::chrono::seconds mailing_lease{600};

// The mail for one message, the same for every attempt of one job.
mail::Message contact_mail(const ContactRow& row, const std::string& to, std::int64_t job);

}  // namespace souk::store
