// Requests to the operations listener from anybody: programs, browsers with pages of other sites,
// and those who know the admin token. An input is a method and a target, a header a line, an empty
// line and a body; "<token>" and "<session>" in a header, or in the form that signs in, are the
// token and a session's cookie.
#include "fuzz/support/answers.h"
#include "fuzz/support/frames.h"
#include "fuzz/support/house.h"
#include "fuzz/support/property.h"
#include "platform/http/ascii.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace souk::fuzz {
namespace {

constexpr std::array statuses = {303, 401, 403, 409, 429};
constexpr Contract contract{.statuses = statuses, .json_type = "application/json; charset=utf-8"};
constexpr std::string_view upgraded = "HTTP/1.1 101 ";

struct Sent {
    std::string_view method;
    std::string_view target;
    std::vector<std::string_view> headers;
    std::string_view body;

    // The value of the first header of that name; null data when there is none.
    std::string_view header(std::string_view name) const {
        for (const std::string_view line : headers) {
            const std::size_t colon = line.find(':');
            if (colon != std::string_view::npos && http::same_letters(line.substr(0, colon), name))
                return http::trimmed(line.substr(colon + 1));
        }
        return {};
    }
    bool knows_token() const {
        return std::ranges::any_of(headers, [](std::string_view line) {
            return line.find("<token>") != line.npos || line.find("<session>") != line.npos;
        });
    }
    bool signs_in() const { return method == "POST" && target.starts_with("/login"); }
};

Sent take_apart(std::string_view input) {
    Sent sent;
    std::string_view first = take_until(input, "\n");
    sent.method = take_until(first, " ");
    sent.target = first;
    while (!input.empty()) {
        const std::string_view line = take_until(input, "\n");
        if (line.empty()) break;
        sent.headers.push_back(line);
    }
    sent.body = input;
    return sent;
}

std::string to_bytes(const Sent& sent, const House& house) {
    const std::array markers = {
        Marker{"<token>",   std::string(admin_token)},
        Marker{"<session>", house.session()         }
    };
    std::string text(sent.method);
    text.append(" ").append(sent.target).append(" HTTP/1.1\r\n");
    for (const std::string_view line : sent.headers) text += filled(line, markers) + "\r\n";
    const std::string body = sent.signs_in() ? filled(sent.body, markers) : std::string(sent.body);
    return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool is_port(std::string_view text) {
    return text.empty() || (text.front() == ':' && std::ranges::all_of(text.substr(1), [](char c) {
                                return c >= '0' && c <= '9';
                            }));
}

// A name of this machine, with or without a port.
bool is_own_host(std::string_view host) {
    return std::ranges::any_of(std::array<std::string_view, 3>{"127.0.0.1", "[::1]", "localhost"},
                               [host](std::string_view name) {
                                   return http::same_letters(host.substr(0, name.size()), name) &&
                                          is_port(host.substr(std::min(name.size(), host.size())));
                               });
}

// Of a page that is not the listener's own.
bool has_foreign_origin(const Sent& sent) {
    const std::string_view origin = sent.header("origin");
    const std::string own = std::string(sent.header("host"));
    return origin.data() != nullptr && !http::same_letters(origin, "http://" + own) &&
           !http::same_letters(origin, "https://" + own);
}

bool is_websocket(const Sent& sent) { return sent.target.starts_with("/console/live"); }
bool changes_something(const Sent& sent) { return sent.method != "GET" && sent.method != "HEAD"; }

// Behind an upgrade come all figures at once, and what is new.
void check_live(std::string_view sent) {
    std::string_view frames = sent.substr(std::min(sent.find(upgraded), sent.size()));
    take_until(frames, "\r\n\r\n");
    for (const std::string_view text : check_frames(frames)) {
        boost::system::error_code error;
        const boost::json::value figures = boost::json::parse({text.data(), text.size()}, error);
        must(!error && figures.is_object(), "figures are a JSON object", text);
        must(figures.as_object().contains("overview"), "with the overview", text);
    }
}

// Nothing was told and nothing was done. "OPTIONS *" is about the server and says nothing.
void check_refused(std::string_view what, std::string_view answer) {
    must(answer.find(canary) == std::string_view::npos, what, answer);
    must(answer.find(upgraded) == std::string_view::npos, what, answer);
    for (const Answer& each : checked_answers(answer, contract))
        must(each.status >= 400 || each.status == 204, what, answer);
}

// What everybody gets who does not know the token: health, the form, and the way to it.
void check_stranger(const Sent& sent, std::string_view answer) {
    must(answer.find(canary) == std::string_view::npos, "strangers are told nothing", answer);
    must(answer.find(upgraded) == std::string_view::npos, "and may not watch", answer);
    const bool is_for_all = std::ranges::any_of(
        std::array<std::string_view, 4>{"/healthz", "/readyz", "/login", "/logout"},
        [&sent](std::string_view path) { return sent.target.find(path) != sent.target.npos; });
    for (const Answer& each : checked_answers(answer, contract)) {
        const bool is_fine = each.status >= 400 || each.status == 204 || each.status == 303;
        must(is_for_all || is_fine, "nor do anything", answer);
    }
}

void check(const Sent& sent, std::string_view answer) {
    const std::vector<Answer> answers = checked_answers(answer, contract);
    must(answers.size() <= 1, "one request has one answer", answer);
    for (const Answer& each : answers) {
        for (const auto& [name, value] : each.headers)
            must(!name.starts_with("Access-Control"), "no page of another site may read", answer);
    }
    check_live(answer);
    must(answer.find(secret) == std::string_view::npos, "no secret is told", answer);
    must(answer.find(admin_token) == std::string_view::npos, "nor the token", answer);
    if ((changes_something(sent) || is_websocket(sent)) && has_foreign_origin(sent))
        check_refused("a page of another site does nothing", answer);
}

void run(std::string_view input) {
    for (const std::string_view told : {secret, admin_token, canary})
        if (input.find(told) != std::string_view::npos) return;  // told by the input itself
    static House house;
    const Sent sent = take_apart(input);
    const std::string bytes = to_bytes(sent, house);

    const std::string open = house.send_without_token(bytes);
    check(sent, open);
    if (!is_own_host(sent.header("host"))) check_refused("a foreign name is not answered", open);

    const std::string locked = house.send_with_token(bytes);
    check(sent, locked);
    if (!sent.knows_token()) check_stranger(sent, locked);
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
