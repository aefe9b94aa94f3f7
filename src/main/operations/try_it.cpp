#include "main/operations/try_it.h"

#include "main/operations/answer.h"
#include "main/operations/overview/overview_body.h"
#include "platform/core/escape.h"
#include "platform/json/read.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::operations {

struct HeaderBody {
    std::string name;
    std::string value;
};
struct TryBody {
    std::string service;
    std::string listener;
    std::string method;
    std::string path;
    std::vector<HeaderBody> headers;
    std::string body;
};
struct TriedBody {
    std::int64_t status = 0;
    std::vector<HeaderBody> headers;
    std::string body;
    double duration_ms = 0;
};

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::HeaderBody> =
    object("Header", field("name", &operations::HeaderBody::name, "", length(1, 200)),
           field("value", &operations::HeaderBody::value, "", length(0, 8'000)));
template <>
inline constexpr auto shape<operations::TryBody> =
    object("Try", field("service", &operations::TryBody::service, "a service of this program"),
           field("listener", &operations::TryBody::listener, "x-listener of its API description"),
           field("method", &operations::TryBody::method, "GET, POST, …"),
           field("path", &operations::TryBody::path, "with the query", length(1, 8'000)),
           field("headers", &operations::TryBody::headers, "", length(0, 50), may_be_absent),
           field("body", &operations::TryBody::body, "", may_be_absent));
template <>
inline constexpr auto shape<operations::TriedBody> = object(
    "Tried", field("status", &operations::TriedBody::status),
    field("headers", &operations::TriedBody::headers), field("body", &operations::TriedBody::body),
    field("durationMs", &operations::TriedBody::duration_ms));

}  // namespace souk::json

namespace souk::operations {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

constexpr int under_way_max = 2;
constexpr std::chrono::seconds patience{10};

constexpr std::array<std::string_view, 7> methods = {"GET",   "HEAD",   "POST",   "PUT",
                                                     "PATCH", "DELETE", "OPTIONS"};
// How the message is framed and how long its connection lives is libcurl's business.
constexpr std::array<std::string_view, 6> framing = {
    "connection", "content-length", "expect", "te", "trailer", "transfer-encoding"};

bool is_token(std::string_view text) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool is_framing(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::find(framing.begin(), framing.end(), name) != framing.end();
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; });
}

const Listener* find_listener(const Services& services, const TryBody& wanted) {
    for (const ServiceRow& row : services) {
        if (row.name != wanted.service) continue;
        for (const Listener& each : row.listeners) {
            if (each.name == wanted.listener) return &each;
        }
    }
    return nullptr;
}

// An address that takes every interface is asked on this machine's own.
std::string origin_of(const Listener& listener) {
    const std::string& address = listener.address;
    const bool is_any = address == "[::]" || address == "::" || address == "0.0.0.0";
    const bool is_bare_v6 = !is_any && address.find(':') != std::string::npos && address[0] != '[';
    const std::string host = is_any ? "127.0.0.1" : is_bare_v6 ? "[" + address + "]" : address;
    return "http://" + host + ":" + std::to_string(listener.port);
}

Result<> check_headers(const TryBody& wanted) {
    for (const HeaderBody& header : wanted.headers) {
        if (!is_token(header.name) || has_control(header.value))
            return invalid("\"" + header.name + "\" is no header");
        if (is_framing(header.name))
            return invalid("The header " + header.name + " is not yours to set");
    }
    return {};
}

Result<net::Call> call_of(const Services& services, TryBody wanted) {
    const Listener* const listener = find_listener(services, wanted);
    if (listener == nullptr)
        return core::Error{core::Fault::not_found, "not_found",
                           "No listener of that name runs here"};
    if (std::find(methods.begin(), methods.end(), wanted.method) == methods.end())
        return invalid("\"method\" must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
    // Behind the slash there is nothing any more that could name another host.
    if (!wanted.path.starts_with('/') || has_control(wanted.path) ||
        wanted.path.find_first_of(" #") != std::string::npos)
        return invalid("\"path\" must begin with / and hold no blanks");
    if (const Result<> fine = check_headers(wanted); !fine) return fine.error();
    net::Call call{.url = origin_of(*listener) + wanted.path,
                   .method = std::move(wanted.method),
                   .body = std::move(wanted.body),
                   .patience = patience};
    for (HeaderBody& header : wanted.headers)
        call.headers.emplace_back(std::move(header.name), std::move(header.value));
    return call;
}

std::string as_text(std::string bytes) {
    if (core::is_utf8(bytes)) return bytes;
    return "(" + std::to_string(bytes.size()) + " bytes that are no text)";
}

TriedBody tried_body(net::Answer answer) {
    TriedBody body{
        .status = answer.status,
        .body = as_text(std::move(answer.body)),
        .duration_ms = rounded(std::chrono::duration<double, std::milli>(answer.took).count())};
    for (auto& [name, value] : answer.headers)
        body.headers.push_back({as_text(std::move(name)), as_text(std::move(value))});
    return body;
}

// One of those under way, as long as it lives.
class Place {
public:
    explicit Place(std::atomic<int>& taken) : taken_(taken), number_(++taken) {}
    ~Place() { --taken_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    bool is_free() const { return number_ <= under_way_max; }

private:
    std::atomic<int>& taken_;
    const int number_;
};

}  // namespace

Task<Result<Response>> TryIt::handle(const Request& request) {
    const auto read = json::read<TryBody>(request.body, request.memory());
    if (read.malformed) co_return invalid("The body must be a JSON object");
    if (!read.problems.empty()) {
        const json::Problem& first = read.problems.front();
        co_return invalid("\"" + first.path + "\" " + first.message);
    }
    Result<net::Call> call = call_of(services_, read.value);
    if (!call) co_return call.error();
    const Place place(under_way_);
    if (!place.is_free()) {
        co_return core::Error{core::Fault::unavailable, "busy",
                              "Two requests are under way already; wait for their answers"};
    }
    co_return co_await send(request, std::move(*call));
}

Task<Result<Response>> TryIt::send(const Request& request, net::Call call) {
    try {
        net::Answer answered = co_await client_.send(std::move(call));
        co_return answer(request, 200, tried_body(std::move(answered)));
    } catch (const core::Unavailable& down) {
        // With the reason, which the platform would keep to itself.
        co_return core::Error{core::Fault::unavailable, "no_answer", std::string(down.what())};
    }
}

http::Route TryIt::route() {
    constexpr http::Schema refusal = json::schema<ErrorBody>;
    return {
        .verb = http::Verb::post,
        .path = "/console/try",
        .auth = http::Auth::admin,
        .handler = [this](const Request& request) { return handle(request); },
        .summary = "Sends a request to a listener of this program and gives the answer",
        .body = {.expected = true, .required = true, .schema = json::schema<TryBody>},
        .answers = {{200, "it was answered", json::schema<TriedBody>},
                                                   {400, "no such request can be sent", refusal},
                                                   {401, "the admin token is set and was not sent", refusal},
                                                   {403, "a foreign Host or Origin", refusal},
                                                   {404, "no listener of that name", refusal},
                                                   {503, "two are under way already, or there was no answer", refusal}}
    };
}

}  // namespace souk::operations
