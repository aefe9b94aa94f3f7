// An SMTP server with the way to it, and a look at whether it would take mail from us.
#pragma once

#include <chrono>
#include <string>

namespace souk::net {

enum class Tls {
    none,
    starttls,  // a server that does not offer it gets nothing
    implicit
};

struct MailServer {
    std::string host;
    int port = 587;
    Tls tls = Tls::starttls;
    std::string user;  // empty: no AUTH. Else PLAIN or LOGIN
    std::string password;
};

struct MailCheck {
    enum class Trouble {
        none,
        connection,   // nobody there, or no such name
        silence,      // a connection, or not even that, and then nothing
        tls,          // not offered, or something else is spoken
        certificate,  // not one that is trusted for this name
        login,        // user and password are refused, or nobody asks for them
        refusal       // the server will have nothing to do with us
    };
    Trouble trouble = Trouble::none;
    std::string words;  // what happened; empty without trouble
};

// Comes as far as a delivery would come before it names the mail: connects, makes it safe, logs in
// and takes leave. On the calling thread. What follows the @ of `sender` is what we call ourselves.
MailCheck check(const MailServer& server, const std::string& sender,
                std::chrono::milliseconds patience, const std::string& ca_file = {});

}  // namespace souk::net
