// A message as it goes over the wire (RFC 5322): headers, an empty line, the text. Nothing in it is
// ever taken for a header that was not meant as one.
#pragma once

#include "platform/core/clock.h"
#include "platform/mail/mail.h"
#include "platform/mail/mailbox.h"

#include <string>
#include <string_view>

namespace souk::mail {

// Throws net::Refused when nobody can be sent this.
std::string compose(const Message& message, const Mailbox& from, core::Time now);

// An id as other systems may see it: letters, digits, - and _; every other byte is =XX.
std::string public_id(std::string_view id);

}  // namespace souk::mail
