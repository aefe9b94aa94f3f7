// A request as a handler sees it. Everything it refers to lives until the answer has been written.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souk::http {

struct Route;
class RequestIds;

enum class Verb { get, head, post, put, patch, delete_, options, other };

std::string_view name(Verb verb);

struct Header {
    std::string_view name;
    std::string_view value;
};

// Whom the room's authenticate has recognised; texts that are not known are empty.
struct Caller {
    std::string id;
    std::string email;
    std::string name;
};

class Request {
public:
    Verb verb = Verb::get;
    std::string_view target;  // as sent
    std::string_view path;    // without the query, not decoded
    std::string_view query;   // without '?'
    std::string_view body;  // whole, chunks joined; 64 more bytes may be read behind it (simdjson)
    std::span<const Header> headers;
    std::span<const Header> path_parameters;  // named as in the route, percent-decoded
    std::string_view client_address;          // after TRUSTED_PROXIES
    const Route* route = nullptr;             // null while no route has matched
    Caller caller;                            // set by the room's authenticate

    // The first header of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;

    // The value of a path parameter the route declares; empty for any other name.
    std::string_view path_parameter(std::string_view name) const;

    // The first value of a query parameter, decoded into this request's memory.
    std::optional<std::string_view> query_parameter(std::string_view name) const;

    // All values of it.
    std::vector<std::string> query_parameters(std::string_view name) const;

    // Memory that lives until the answer has been written, and costs no heap call while it is
    // small.
    std::pmr::memory_resource& memory() const { return *memory_; }
    std::string_view keep(std::string_view text) const;

    // The id of the access line: X-Request-Id when the client sent a usable one, else made here.
    std::string_view request_id() const;

private:
    friend class Session;
    friend class KeptRequest;
    friend class TestClient;
    std::pmr::memory_resource* memory_ = std::pmr::get_default_resource();
    RequestIds* ids_ = nullptr;
    mutable std::string_view request_id_;
};

}  // namespace souk::http
