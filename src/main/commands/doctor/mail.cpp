// The doctor's visit to the mail server: as far as a mail would come, without one.
#include "main/commands/doctor/doctor.h"
#include "main/services/store_parts.h"
#include "platform/mail/mailbox.h"
#include "platform/net/mail_server.h"

#include <chrono>
#include <string>

namespace souk::commands {
namespace {

using Trouble = net::MailCheck::Trouble;

constexpr std::chrono::seconds patience{5};

std::string in_words(const Config& config) {
    const net::MailServer server = mail_server(config);
    const std::string safety =
        server.tls == net::Tls::none ? ", without TLS" : ", certificate trusted";
    const std::string login = server.user.empty() ? "" : ", logged in as " + server.user;
    return "SMTP at " + server.host + ":" + std::to_string(server.port) + " answers" + safety +
           login;
}

std::string how_to_mend(Trouble trouble) {
    switch (trouble) {
        case Trouble::connection:
            return "check SMTP_HOST, SMTP_PORT and the way out of this machine";
        case Trouble::silence:
            return "check SMTP_HOST and the way out of this machine (many networks close port 25), "
                   "and that SMTP_TLS fits the port: implicit for 465, starttls for 587";
        case Trouble::tls:
            return "set SMTP_TLS as this port speaks: implicit for 465, starttls for 587, none for "
                   "a relay on this machine only";
        case Trouble::certificate:
            return "set SMTP_HOST to the name the certificate is for; for a server of your own "
                   "make this machine trust it (update-ca-certificates)";
        case Trouble::login:
            return "check SMTP_USER and SMTP_PASSWORD; a server without login wants neither set";
        case Trouble::none:
        case Trouble::refusal:
            break;
    }
    return "read what the server says, and ask those who run it";
}

}  // namespace

Finding check_store_mail(const Config& config) {
    const store::Config& set = config.store;
    if (set.smtp_host.empty()) {
        return ok("store mail", set.resend_api_key.empty()
                                    ? "none is set"
                                    : "Resend; whether it takes the key shows the first mail");
    }
    const net::MailCheck seen =
        net::check(mail_server(config), mail::sender_of(set.mail_from).address, patience);
    if (seen.trouble == Trouble::none) return ok("store mail", in_words(config));
    return {"store mail", "wrong", seen.words,
            "messages of the contact form and confirmations of orders wait, and are given up after "
            "two and a half hours",
            how_to_mend(seen.trouble)};
}

}  // namespace souk::commands
