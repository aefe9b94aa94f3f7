#include "platform/net/mail_transfer.h"

#include "platform/core/escape.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace souk::net {
namespace {

constexpr std::size_t reply_bytes_max = 300;

// Whether it can stand between < and > of a command. Whether it exists is the server's to say.
bool is_address(std::string_view text) {
    const std::size_t at = text.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < 0x7F && c != '<' && c != '>'; });
}

std::string readable(std::string_view text) {
    std::string safe;
    core::escape_pretty(text.substr(0, reply_bytes_max), safe);
    return safe;
}

}  // namespace

MailTransfer::MailTransfer(Delivery delivery, const std::string& ca_file, std::stop_token stop)
    : Transfer("smtp,smtps", delivery.patience, ca_file),
      delivery_(std::move(delivery)),
      stop_(std::move(stop)) {
    check_addresses();
    set_connection();
    set_message();
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &note_command);
    set(CURLOPT_DEBUGDATA, this);
    set(CURLOPT_HEADERFUNCTION, &take_reply);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &is_enough);
    set(CURLOPT_XFERINFODATA, this);
}

void MailTransfer::check_addresses() const {
    if (delivery_.recipients.empty()) throw std::invalid_argument("a mail to nobody");
    if (!is_address(delivery_.sender))
        throw core::Unavailable("\"" + readable(delivery_.sender) + "\" is no sender's address");
    for (const std::string& recipient : delivery_.recipients) {
        if (!is_address(recipient))
            throw Refused("\"" + readable(recipient) + "\" is no mail address");
    }
}

// The connection is neither an old one nor kept: mails are rare, and libcurl would wait for an old
// connection's last word when nobody limits it any more.
void MailTransfer::set_connection() {
    const std::string ourselves = delivery_.sender.substr(delivery_.sender.rfind('@') + 1);
    const bool is_bare_v6 =
        delivery_.host.find(':') != std::string::npos && !delivery_.host.starts_with('[');
    const std::string host = is_bare_v6 ? "[" + delivery_.host + "]" : delivery_.host;
    const std::string scheme = delivery_.tls == Tls::implicit ? "smtps://" : "smtp://";
    const std::string url = scheme + host + ":" + std::to_string(delivery_.port) + "/" + ourselves;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_USE_SSL,
        static_cast<long>(delivery_.tls == Tls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    if (delivery_.user.empty()) return;
    set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    set(CURLOPT_USERNAME, delivery_.user.c_str());
    set(CURLOPT_PASSWORD, delivery_.password.c_str());
}

void MailTransfer::set_message() {
    for (const std::string& recipient : delivery_.recipients) recipients_.add(recipient);
    set(CURLOPT_MAIL_FROM, delivery_.sender.c_str());
    set(CURLOPT_MAIL_RCPT, recipients_.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(delivery_.text.size()));
    set(CURLOPT_READFUNCTION, &give_text);
    set(CURLOPT_READDATA, this);
}

std::size_t MailTransfer::give_text(char* into, std::size_t size, std::size_t count, void* self) {
    auto& mail = *static_cast<MailTransfer*>(self);
    const std::size_t copied = mail.delivery_.text.copy(into, size * count, mail.given_);
    mail.given_ += copied;
    return copied;
}

std::size_t MailTransfer::take_reply(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& mail = *static_cast<MailTransfer*>(self);
    std::string_view line(bytes, size * count);
    line = line.substr(0, line.find_last_not_of("\r\n") + 1);
    if (!mail.is_parting_) mail.reply_ = line.substr(0, reply_bytes_max);
    return size * count;
}

// Of all that libcurl tells here only the commands matter; user and password are not looked at.
int MailTransfer::note_command(CURL*, curl_infotype type, char* bytes, std::size_t size,
                               void* self) {
    if (type != CURLINFO_HEADER_OUT) return 0;
    auto& mail = *static_cast<MailTransfer*>(self);
    const std::string_view command(bytes, size);
    mail.is_parting_ = command == "QUIT\r\n";
    if (mail.is_parting_) return 0;
    mail.reply_.clear();
    if (command.starts_with("MAIL FROM:")) mail.stage_ = Stage::sender;
    if (command.starts_with("RCPT TO:")) mail.stage_ = Stage::recipients;
    if (command == "DATA\r\n") mail.stage_ = Stage::message;
    return 0;
}

// libcurl asks this now and then while it waits. The answer to QUIT is not worth a wait: the mail's
// fate is known, and nothing else limits this one.
int MailTransfer::is_enough(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& mail = *static_cast<const MailTransfer*>(self);
    return mail.is_parting_ || mail.stop_.stop_requested() ? 1 : 0;
}

void MailTransfer::finish(CURLcode code) const {
    if (code == CURLE_OK) return;
    const bool is_told_why = reply_.starts_with('4') || reply_.starts_with('5');
    const std::string why = delivery_.host + ":" + std::to_string(delivery_.port) + ": " +
                            (is_told_why ? readable(reply_) : curl_easy_strerror(code));
    if (is_refused()) throw Refused(why);
    throw core::Unavailable(why);
}

// What the server says of its greeting, of user and password or of the sender is about us and not
// about this mail, but for its length. 530 asks for user and password, wherever it is said.
bool MailTransfer::is_refused() const {
    if (!reply_.starts_with('5') || reply_.starts_with("530")) return false;
    if (stage_ == Stage::sender) return reply_.starts_with("552");
    return stage_ != Stage::before;
}

}  // namespace souk::net
