// Writes answers as bytes. Everything about framing is decided here.
#pragma once

#include "platform/http/buffer.h"
#include "platform/http/response.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace souk::http {

std::string_view reason_phrase(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string date_text(std::int64_t unix_seconds);

struct Framing {
    std::string_view date;          // as date_text gives it
    std::span<const Header> extra;  // CORS and such
    std::string_view allow;         // for a 405
    bool head = false;              // the request was HEAD: no body
    bool close = false;
    bool version_1_0 = false;  // the client must be told that the connection stays
};

// Whether an answer of this status has a body at all.
bool has_body(int status);

// Appends the status line and the headers, with the empty line. Line breaks in values become
// spaces.
void write_head(Buffer& out, const Response& response, const Framing& framing);

}  // namespace souk::http
