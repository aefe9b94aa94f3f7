// A stand-in for an SMTP server: takes every mail, but where its script says otherwise.
#pragma once

#include "platform/net/tests/loop_server.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace souk::net {

// Instead of a reply.
inline const std::string drop = "drop";
inline const std::string stall = "stall";

struct SmtpScript {
    std::vector<std::string> offers = {};  // to EHLO
    // By the first word of the command; "greeting" before any, "." after the message.
    std::map<std::string, std::string> replies = {};
    boost::asio::ssl::context* tls = nullptr;
    bool is_implicit = false;  // TLS from the beginning
};

class SmtpServer {
public:
    explicit SmtpServer(SmtpScript script);

    int port() const { return server_.port(); }
    std::vector<std::string> commands() const;  // as they came, in order
    std::string message() const;                // as it came, with its last dot

private:
    core::Task<> talk(Wire& wire);
    core::Task<> log_in(Wire& wire, std::string command);
    core::Task<bool> reply(Wire& wire, std::string word, std::string usual);
    core::Task<std::string> read_line(Wire& wire);
    core::Task<bool> take_message(Wire& wire);
    std::string offers() const;

    const SmtpScript script_;
    mutable std::mutex mutex_;  // guards what was noted
    std::vector<std::string> commands_;
    std::string message_;
    LoopServer server_;
};

}  // namespace souk::net
