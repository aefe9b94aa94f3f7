#include "platform/net/mail_conversation.h"

#include "platform/core/escape.h"

namespace souk::net {
namespace {

constexpr std::size_t reply_bytes_max = 300;

}  // namespace

std::string readable(std::string_view text) {
    std::string safe;
    core::escape_pretty(text.substr(0, reply_bytes_max), safe);
    return safe;
}

MailConversation::MailConversation(const MailServer& server, const std::string& sender,
                                   std::chrono::milliseconds patience, const std::string& ca_file)
    : Transfer("smtp,smtps", patience, ca_file),
      address_(server.host + ":" + std::to_string(server.port)) {
    set_server(server, sender.substr(sender.rfind('@') + 1));
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &note_command);
    set(CURLOPT_DEBUGDATA, this);
    set(CURLOPT_HEADERFUNCTION, &take_reply);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &ask_whether_enough);
    set(CURLOPT_XFERINFODATA, this);
}

// The connection is neither an old one nor kept: mails are rare, and libcurl would wait for an old
// connection's last word when nobody limits it any more.
void MailConversation::set_server(const MailServer& server, const std::string& ourselves) {
    const bool is_bare_v6 =
        server.host.find(':') != std::string::npos && !server.host.starts_with('[');
    const std::string host = is_bare_v6 ? "[" + server.host + "]" : server.host;
    const std::string scheme = server.tls == Tls::implicit ? "smtps://" : "smtp://";
    const std::string url = scheme + host + ":" + std::to_string(server.port) + "/" + ourselves;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_USE_SSL,
        static_cast<long>(server.tls == Tls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    if (server.user.empty()) return;
    set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    set(CURLOPT_USERNAME, server.user.c_str());
    set(CURLOPT_PASSWORD, server.password.c_str());
}

std::string MailConversation::said(std::string_view otherwise) const {
    return address_ + ": " + (was_refused() ? readable(reply_) : std::string(otherwise));
}

std::size_t MailConversation::take_reply(char* bytes, std::size_t size, std::size_t count,
                                         void* self) {
    auto& ours = *static_cast<MailConversation*>(self);
    std::string_view line(bytes, size * count);
    line = line.substr(0, line.find_last_not_of("\r\n") + 1);
    if (!ours.is_parting_) ours.reply_ = line.substr(0, reply_bytes_max);
    return size * count;
}

// Of all that libcurl tells here only the commands matter.
int MailConversation::note_command(CURL*, curl_infotype type, char* bytes, std::size_t size,
                                   void* self) {
    if (type != CURLINFO_HEADER_OUT) return 0;
    auto& ours = *static_cast<MailConversation*>(self);
    const std::string_view command(bytes, size);
    ours.is_parting_ = command == "QUIT\r\n";
    if (ours.is_parting_) return 0;
    ours.reply_.clear();
    ours.told(command);
    return 0;
}

int MailConversation::ask_whether_enough(void* self, curl_off_t, curl_off_t, curl_off_t,
                                         curl_off_t) {
    return static_cast<const MailConversation*>(self)->is_enough() ? 1 : 0;
}

}  // namespace souk::net
