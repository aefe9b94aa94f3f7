// A room's table of routes: what it answers, who may call, what goes in and out, and who does it.
// Dispatch, validation of size and media type, and OpenAPI all come from these rows.
#pragma once

#include "platform/core/result.h"
#include "platform/core/task.h"
#include "platform/http/request.h"
#include "platform/http/response.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::http {

// Who may call. What proves it is the room's business (Room::authenticate).
enum class Auth { none, optional, user, admin };

// Gives a JSON Schema (OpenAPI 3.1) as text; platform/json makes these from described structs.
using Schema = std::string (*)();

struct Body {
    bool expected = false;  // false: any body is read, limited and ignored
    bool required = false;  // true: a JSON content type with an empty body is malformed
    Schema schema = nullptr;
    std::string_view media_type = "application/json";
    // The handler judges what was sent, after the caller is known: a body without a content type is
    // taken for media_type, and an empty one is let in.
    bool is_judged_late = false;
};

// Of a query or a header.
struct Parameter {
    std::string_view name;
    std::string_view type;  // JSON Schema type: string, integer, number, boolean
    std::string_view help;
    bool required = false;
};

struct Answer {
    int status;
    std::string_view help;
    Schema schema = nullptr;  // null: no body
    std::string_view media_type = "application/json";
};

struct Limits {
    std::size_t body_bytes_max = 1'048'576;
};

using Handler = std::function<core::Task<core::Result<Response>>(const Request&)>;

// What a connection becomes after the upgrade; ends with it. platform/ws makes these.
struct Upgrade;
using Upgraded = std::function<core::Task<>(std::shared_ptr<Upgrade>)>;

struct Route {
    Verb verb;
    std::string path;  // "/status/{orderId}", typed: "/products/{id:integer}"
    Auth auth;
    Handler handler;     // empty for a WebSocket,
    Upgraded websocket;  // which is answered by this (verb get)
    std::string_view summary;
    std::vector<Parameter> headers;  // that the handler reads
    Body body;
    std::vector<Parameter> query;
    std::vector<Answer> answers;
    Limits limits;
    bool hot = false;        // expected outcomes are counted; only one access line in N is written
    bool any_verb = false;   // answers every method alike (`verb` is what OpenAPI shows)
    bool cors_open = false;  // Access-Control-Allow-Origin: * whatever the room's list says
};

using Routes = std::vector<Route>;

}  // namespace souk::http
