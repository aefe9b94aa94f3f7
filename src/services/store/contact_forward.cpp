#include "services/store/contact_forward.h"

#include "platform/core/iso_time.h"
#include "services/store/wire.h"

#include <exception>
#include <stdexcept>
#include <utility>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr auto tidy_every = 3'600s;
constexpr auto webhook_patience = 10s;
constexpr std::size_t webhook_answer_bytes_max = 64 * 1024;

std::string received_at(const ContactRow& row) {
    return core::to_iso8601_seconds(core::from_ms(row.created_at_ms));
}

}  // namespace

mail::Message contact_mail(const ContactRow& row, const std::string& to, std::int64_t job) {
    mail::Message mail;
    mail.to = to;
    mail.reply_to = row.email;
    mail.subject = row.subject.empty() ? "Message from " + row.name : row.subject;
    mail.text = "From: " + row.name + " <" + row.email + ">\n" + "Received: " + received_at(row) +
                "\n" + "Message: " + std::to_string(row.id) + "\n\n" + row.message + "\n";
    // Another mail for a message that is sent once more, and also when the tables begin anew at 1.
    mail.id = "contact-" + std::to_string(row.id) + "-" + std::to_string(job) + "-" +
              std::to_string(row.created_at_ms);
    return mail;
}

std::vector<jobs::Kind> ContactForward::kinds() {
    jobs::Kind forwarding;
    forwarding.name = forward_kind;
    forwarding.work = [this](jobs::Job job) { return forward(std::move(job)); };
    forwarding.retry_after = {60s, 300s, 1'800s, 7'200s};
    forwarding.lease = mailing_lease;
    forwarding.failed = [this](jobs::Job job, std::string why, std::optional<core::Time> next) {
        return note_failure(std::move(job), std::move(why), next);
    };
    jobs::Kind tidying;
    tidying.name = "contact.tidy";
    tidying.work = [this](jobs::Job job) { return tidy(std::move(job)); };
    tidying.every = tidy_every;
    std::vector<jobs::Kind> both;
    both.push_back(std::move(forwarding));
    both.push_back(std::move(tidying));
    return both;
}

// Each receiver is noted as it gets the message: one that fails does not hold up the other, nor
// does the other get it again.
core::Task<> ContactForward::forward(jobs::Job job) {
    const std::optional<Forwarding> message = co_await find_contact(parts_.database, job.payload);
    if (!message || message->row.delivery == "sent") co_return;
    if (!has_receiver()) throw std::runtime_error("nobody is set to forward messages to");
    std::exception_ptr mail_failure;
    try {
        if (mails() && !message->is_mailed) co_await send_mail(job, *message);
    } catch (const std::exception&) {
        mail_failure = std::current_exception();
    }
    const bool calls = !parts_.webhook_url.empty() && !message->is_called;
    if (calls) co_await call_webhook(job.payload, *message);
    if (mail_failure) std::rethrow_exception(mail_failure);
    co_await note_sent(parts_.database, job.payload, job.attempt);
}

core::Task<> ContactForward::send_mail(jobs::Job job, Forwarding message) {
    co_await parts_.mail->send(contact_mail(message.row, parts_.to, job.id));
    co_await note_mailed(parts_.database, std::move(job.payload), parts_.clock.now());
}

core::Task<> ContactForward::call_webhook(std::string key, Forwarding message) {
    net::Call call;
    call.url = parts_.webhook_url;
    call.method = "POST";
    call.headers = {
        {"Content-Type", "application/json"}
    };
    call.body = write_webhook(message.row, received_at(message.row));
    call.patience = webhook_patience;
    call.body_bytes_max = webhook_answer_bytes_max;
    const net::Answer answer = co_await parts_.client.send(std::move(call));
    if (answer.status < 200 || answer.status > 299)
        throw std::runtime_error("the webhook answered " + std::to_string(answer.status));
    co_await note_called(parts_.database, std::move(key), parts_.clock.now());
}

core::Task<> ContactForward::note_failure(jobs::Job job, std::string why,
                                          std::optional<core::Time> next) {
    co_await note_failed(parts_.database, std::move(job.payload),
                         {.attempts = job.attempt, .why = std::move(why), .next = next});
}

core::Task<> ContactForward::tidy(jobs::Job) {
    co_await forget_old_digests(parts_.database, parts_.clock.now());
}

}  // namespace souk::store
