#include "platform/mail/compose.h"

#include "platform/mail/encode.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

namespace souk::mail {
namespace {

// "Sat, 21 Nov 2026 20:19:05 +0000"
std::string date_of(core::Time now) {
    static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(now - day));
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
        days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
        months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string in_header(const Mailbox& mailbox) {
    if (mailbox.name.empty() || is_plain(mailbox.name)) return to_text(mailbox);
    return encoded_words(mailbox.name) + "\r\n <" + mailbox.address + ">";
}

std::string in_header(const std::string& subject) {
    const std::string line = on_one_line(subject);
    return is_plain(line) ? line : encoded_words(line);
}

}  // namespace

std::string compose(const Message& message, const Mailbox& from, core::Time now) {
    std::string text;
    const auto add = [&text](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append("\r\n");
    };
    add("From", in_header(from));
    add("To", in_header(recipient_of(message.to)));
    if (const std::optional<Mailbox> reply_to = parse_mailbox(message.reply_to))
        add("Reply-To", in_header(*reply_to));
    add("Subject", in_header(message.subject));
    add("Date", date_of(now));
    add("Message-ID", "<" + public_id(message.id) + "@" + from.host() + ">");
    add("MIME-Version", "1.0");
    add("Content-Type", "text/plain; charset=utf-8");
    add("Content-Transfer-Encoding", "quoted-printable");
    text += "\r\n";
    text += quoted_printable(message.text);
    return text;
}

std::string public_id(std::string_view id) {
    std::string shown;
    for (const char c : id) {
        const bool is_shown = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (is_shown)
            shown += c;
        else
            append_hex(c, shown);
    }
    return shown;
}

}  // namespace souk::mail
