// Mail of the services. Sent by jobs, never inside a request.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/net/client.h"

#include <memory>
#include <string>

namespace souk::mail {

struct Message {
    std::string to;  // "a@b.example" or "Name <a@b.example>", as all addresses here
    // Empty: none. One that cannot stand in a header is left out, since visitors write what they
    // like and the mail matters more.
    std::string reply_to;
    std::string subject;  // on one line: control characters become blanks
    std::string text;     // plain, UTF-8
    // The same for every attempt, so that receivers can tell a repeated one, and never that of
    // another mail: "contact-7".
    std::string id;
};

class Sender {
public:
    virtual ~Sender() = default;

    // Returns when it was taken over. Throws core::Unavailable (try again) or net::Refused (never).
    virtual core::Task<> send(Message message) = 0;

    virtual std::string describe() const = 0;  // "SMTP at host:port"; no secrets
};

struct SmtpOptions {
    net::MailServer server;
    std::string from;
};

// Throws std::invalid_argument when `from` is no address; so does resend().
std::unique_ptr<Sender> smtp(SmtpOptions options, net::Client& client, const core::Clock& clock);

struct ResendOptions {
    std::string key;
    std::string from;
    std::string address = "https://api.resend.com";  // tests have their own
};

std::unique_ptr<Sender> resend(ResendOptions options, net::Client& client);

}  // namespace souk::mail
