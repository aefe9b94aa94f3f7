// HTML pages that carry their script and style in themselves: filled from a template, and answered
// with a policy that lets nothing else run.
#pragma once

#include "platform/core/random.h"
#include "platform/http/request.h"
#include "platform/http/response.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::http {

using PageValues = std::vector<std::pair<std::string_view, std::string>>;

// Puts values, escaped for HTML, where the page says {{name}}. In one pass, so that what a value
// says is not filled again; names that have no value stay as they are.
std::string fill(std::string_view page, const PageValues& values);

struct Page {
    std::string_view text;  // inline scripts and styles carry nonce="{{nonce}}"
    PageValues values;
    std::string connect = "'none'";           // where its script may ask (connect-src)
    std::string_view form_action = "'none'";  // where its forms may lead
};

// Made anew for every request, with a nonce of its own.
Response answer_page(const Request& request, core::Random& random, Page page);

}  // namespace souk::http
