#include "platform/net/mail_transfer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace souk::net {
namespace {

// Whether it can stand between < and > of a command. Whether it exists is the server's to say.
bool is_address(std::string_view text) {
    const std::size_t at = text.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < 0x7F && c != '<' && c != '>'; });
}

}  // namespace

MailTransfer::MailTransfer(Delivery delivery, const std::string& ca_file, std::stop_token stop)
    : MailConversation(delivery.server, delivery.sender, delivery.patience, ca_file),
      delivery_(std::move(delivery)),
      stop_(std::move(stop)) {
    check_addresses();
    set_message();
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

void MailTransfer::told(std::string_view command) {
    if (command.starts_with("MAIL FROM:")) stage_ = Stage::sender;
    if (command.starts_with("RCPT TO:")) stage_ = Stage::recipients;
    if (command == "DATA\r\n") stage_ = Stage::message;
}

bool MailTransfer::is_enough() const {
    return MailConversation::is_enough() || stop_.stop_requested();
}

void MailTransfer::finish(CURLcode code) const {
    if (code == CURLE_OK) return;
    const std::string why = said(curl_easy_strerror(code));
    if (is_refused()) throw Refused(why);
    throw core::Unavailable(why);
}

// What the server says of its greeting, of user and password or of the sender is about us and not
// about this mail, but for its length. 530 asks for user and password, wherever it is said.
bool MailTransfer::is_refused() const {
    if (!reply().starts_with('5') || reply().starts_with("530")) return false;
    if (stage_ == Stage::sender) return reply().starts_with("552");
    return stage_ != Stage::before;
}

}  // namespace souk::net
