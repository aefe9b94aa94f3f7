// What is said to an SMTP server whatever for: the way to it, the login, and how far it has come.
#pragma once

#include "platform/net/mail_server.h"
#include "platform/net/transfer.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace souk::net {

class MailConversation : public Transfer {
protected:
    MailConversation(const MailServer& server, const std::string& sender,
                     std::chrono::milliseconds patience, const std::string& ca_file);
    ~MailConversation() = default;

    // A command that the server was told; never user or password.
    virtual void told(std::string_view) {}

    // libcurl asks this now and then while it waits. The answer to QUIT is not worth a wait: what
    // was to be known is known, and nothing else limits this one.
    virtual bool is_enough() const { return is_parting_; }

    bool was_refused() const { return reply_.starts_with('4') || reply_.starts_with('5'); }
    const std::string& reply() const { return reply_; }  // to the latest command, its last line

    // The address, and the server's own words or, when it said none, these.
    std::string said(std::string_view otherwise) const;

private:
    void set_server(const MailServer& server, const std::string& ourselves);

    static std::size_t take_reply(char* bytes, std::size_t size, std::size_t count, void* self);
    static int note_command(CURL*, curl_infotype type, char* bytes, std::size_t size, void* self);
    static int ask_whether_enough(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

    const std::string address_;
    bool is_parting_ = false;
    std::string reply_;
};

// Foreign text without what would break a log, and not too long.
std::string readable(std::string_view text);

}  // namespace souk::net
