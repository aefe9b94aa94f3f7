// Outgoing HTTP and SMTP for event loops: a thread with libcurl for each of the two. Redirects are
// not followed, and no proxy is asked. Certificates are checked.
#pragma once

#include "platform/core/task.h"
#include "platform/net/call.h"
#include "platform/net/mail_server.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::net {

// One mail on its way to one SMTP server; `text` is the whole message, headers and all, with CRLF.
// A dot that begins a line is doubled on the way, not here.
struct Delivery {
    MailServer server;
    std::string sender;  // MAIL FROM; what follows its @ is also what we call ourselves
    std::vector<std::string> recipients;
    std::string text;
    std::chrono::milliseconds patience{30'000};
};

// The mail was refused for good: trying again cannot help.
class Refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct ClientOptions {
    std::size_t under_way_max = 256;  // of calls, and of mails
    std::string ca_file = {};  // PEM; the certificates to trust instead of those the system trusts
};

// Destroyed before the loops that use it.
class Client {
public:
    explicit Client(ClientOptions options = {});
    ~Client();  // what is under way is answered with core::Unavailable
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // From any loop, and goes on there. Connections are kept and used again. Throws
    // core::Unavailable when there is no answer, one that is too long, none within call.patience,
    // or too much is under way already; std::invalid_argument when method or headers hold what
    // cannot be sent.
    core::Task<Answer> send(Call call);

    // From any loop. Returns when the server has taken the mail; if one of several recipients is
    // refused, nobody gets it. Throws Refused when the server says 5xx to a recipient or to the
    // message, or when a recipient is no ASCII address. All else may pass or can be mended by the
    // owner, and is core::Unavailable: no connection, no STARTTLS, 4xx, silence, and a 5xx to the
    // greeting, to user and password, or to the sender.
    core::Task<> deliver(Delivery delivery);

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::net
