#include "platform/http/page.h"

#include <algorithm>
#include <memory>

namespace souk::http {
namespace {

void escape(std::string_view text, std::string& out) {
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
}

// The value whose "name}}" the text begins with.
const std::pair<std::string_view, std::string>* value_at(std::string_view text,
                                                         const PageValues& values) {
    const auto found = std::find_if(values.begin(), values.end(), [text](const auto& each) {
        return text.starts_with(each.first) && text.substr(each.first.size()).starts_with("}}");
    });
    return found == values.end() ? nullptr : &*found;
}

}  // namespace

std::string fill(std::string_view page, const PageValues& values) {
    std::string out;
    out.reserve(page.size() + 2'048);
    for (;;) {
        const std::size_t open = page.find("{{");
        if (open == std::string_view::npos) break;
        out += page.substr(0, open);
        page.remove_prefix(open);
        if (const auto* const value = value_at(page.substr(2), values)) {
            escape(value->second, out);
            page.remove_prefix(value->first.size() + 4);
        } else {
            out += '{';  // only one of the two: a name may begin behind it
            page.remove_prefix(1);
        }
    }
    out += page;
    return out;
}

Response answer_page(const Request& request, core::Random& random, Page page) {
    const std::string nonce = core::random_hex(random, 16);
    page.values.emplace_back("nonce", nonce);
    const auto text = std::make_shared<const std::string>(fill(page.text, page.values));
    Response response;
    response.content_type = html_type;
    response.body = *text;
    response.owner = text;
    response.with("Cache-Control", "no-store").with("X-Content-Type-Options", "nosniff");
    response.with("Content-Security-Policy",
                  request.keep("default-src 'none'; script-src 'nonce-" + nonce +
                               "'; style-src 'nonce-" + nonce + "'; img-src data:; connect-src " +
                               page.connect + "; base-uri 'none'; form-action " +
                               std::string(page.form_action) + "; frame-ancestors 'none'"));
    return response;
}

}  // namespace souk::http
