// Mail by the HTTP interface of Resend.
#include "platform/core/error.h"
#include "platform/core/escape.h"
#include "platform/json/write.h"
#include "platform/mail/compose.h"
#include "platform/mail/mail.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace souk::mail {
namespace {

constexpr std::chrono::seconds patience{30};
constexpr std::size_t answer_bytes_max = 65'536;
constexpr std::size_t told_bytes_max = 300;  // of an answer

void add_field(std::string_view name, std::string_view value, json::Output& to) {
    to += to.empty() ? '{' : ',';
    json::write(name, to);
    to += ':';
    json::write(value, to);
}

std::string body_of(const Message& message, const Mailbox& from) {
    json::Output body;
    add_field("from", to_text(from), body);
    add_field("to", to_text(recipient_of(message.to)), body);
    add_field("subject", on_one_line(message.subject), body);
    add_field("text", message.text, body);
    if (const std::optional<Mailbox> reply_to = parse_mailbox(message.reply_to))
        add_field("reply_to", to_text(*reply_to), body);
    body += '}';
    return std::string(body);
}

// A wrong key (401, 403) is mended by the owner; 408, 409 (an attempt is still under way) and 429
// pass by themselves.
bool is_for_good(int status) {
    return status >= 400 && status < 500 && status != 401 && status != 403 && status != 408 &&
           status != 409 && status != 429;
}

class Resend final : public Sender {
public:
    Resend(ResendOptions options, net::Client& client)
        : options_(std::move(options)), from_(sender_of(options_.from)), client_(client) {}

    core::Task<> send(Message message) override {
        net::Call call{
            .url = options_.address + "/emails",
            .method = "POST",
            .headers = {{"Authorization", "Bearer " + options_.key},
                        {"Content-Type", "application/json"},
                        {"Idempotency-Key", public_id(message.id)}},
            .body = body_of(message, from_),
            .patience = patience,
            .body_bytes_max = answer_bytes_max
        };
        const net::Answer answer = co_await client_.send(std::move(call));
        if (answer.status >= 200 && answer.status < 300) co_return;
        std::string why = "Resend: " + std::to_string(answer.status) + " ";
        core::escape_pretty(std::string_view(answer.body).substr(0, told_bytes_max), why);
        if (is_for_good(answer.status)) throw net::Refused(why);
        throw core::Unavailable(why);
    }

    std::string describe() const override { return "Resend at " + options_.address; }

private:
    const ResendOptions options_;
    const Mailbox from_;
    net::Client& client_;
};

}  // namespace

std::unique_ptr<Sender> resend(ResendOptions options, net::Client& client) {
    return std::make_unique<Resend>(std::move(options), client);
}

}  // namespace souk::mail
