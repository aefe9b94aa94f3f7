#include "platform/mail/mailbox.h"

#include "platform/core/escape.h"
#include "platform/net/client.h"

#include <algorithm>
#include <stdexcept>

namespace souk::mail {
namespace {

constexpr std::size_t local_part_max = 64;  // RFC 5321, 4.5.3.1
constexpr std::size_t host_max = 253;
constexpr std::size_t label_max = 63;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_atom(std::string_view text) {
    static constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322, 3.2.3
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= label_max && text.front() != '-' && text.back() != '-' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_dotted(std::string_view text, bool (*is_part)(std::string_view)) {
    while (true) {
        const std::size_t dot = text.find('.');
        if (!is_part(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_address(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at > local_part_max) return false;  // there may be none at all
    const std::string_view host = text.substr(at + 1);
    return host.size() <= host_max && is_dotted(text.substr(0, at), is_atom) &&
           is_dotted(host, is_label);
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// What stands between quotation marks, or the text when there are none.
std::string unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::string plain;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size()) ++i;
        plain += text[i];
    }
    return plain;
}

std::string complaint(std::string_view text) {
    std::string safe = "\"";
    core::escape_pretty(text, safe);
    return safe + "\" is no mail address";
}

}  // namespace

std::string Mailbox::host() const { return address.substr(address.find('@') + 1); }

std::optional<Mailbox> parse_mailbox(std::string_view text) {
    if (is_address(text)) return Mailbox{.name = {}, .address = std::string(text)};
    const std::size_t from = text.rfind('<');
    if (from == std::string_view::npos || !text.ends_with('>')) return std::nullopt;
    const std::string_view address = text.substr(from + 1, text.size() - from - 2);
    if (!is_address(address)) return std::nullopt;
    const std::string name = on_one_line(text.substr(0, from));
    return Mailbox{.name = unquoted(trimmed(name)), .address = std::string(address)};
}

Mailbox sender_of(std::string_view text) {
    std::optional<Mailbox> mailbox = parse_mailbox(text);
    if (!mailbox) throw std::invalid_argument(complaint(text));
    return *std::move(mailbox);
}

Mailbox recipient_of(std::string_view text) {
    std::optional<Mailbox> mailbox = parse_mailbox(text);
    if (!mailbox) throw net::Refused(complaint(text));
    return *std::move(mailbox);
}

std::string to_text(const Mailbox& mailbox) {
    if (mailbox.name.empty()) return mailbox.address;
    return quoted(mailbox.name) + " <" + mailbox.address + ">";
}

std::string quoted(std::string_view text) {
    std::string marked = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') marked += '\\';
        marked += c;
    }
    return marked + '"';
}

std::string on_one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, ' ');
    return line;
}

}  // namespace souk::mail
