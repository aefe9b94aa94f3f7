// Whom a mail is from or for. Only addresses that every server understands: ASCII, without
// quotation marks or comments.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace souk::mail {

struct Mailbox {
    std::string name;  // UTF-8, on one line; empty: none
    std::string address;

    std::string host() const;  // of the address

    bool operator==(const Mailbox&) const = default;
};

// "a@b.example" or "Name <a@b.example>"; nullopt for anything else.
std::optional<Mailbox> parse_mailbox(std::string_view text);

// Where a mail must have one. Throws std::invalid_argument.
Mailbox sender_of(std::string_view text);

// Throws net::Refused.
Mailbox recipient_of(std::string_view text);

// "Name" <a@b.example>, in UTF-8.
std::string to_text(const Mailbox& mailbox);

// A quoted-string of RFC 5322.
std::string quoted(std::string_view text);

// Every control character is a blank.
std::string on_one_line(std::string_view text);

}  // namespace souk::mail
