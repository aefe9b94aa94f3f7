#include "main/operations/health.h"

#include "main/operations/answer.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::operations {

struct AliveBody {
    std::string_view status;
};
struct ReadyDependencyBody {
    std::string name;
    std::string_view state;
    std::string detail;
};
struct ReadyBody {
    std::string_view status;
    std::vector<ReadyDependencyBody> dependencies;
};

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::AliveBody> =
    object("Alive", field("status", &operations::AliveBody::status));
template <>
inline constexpr auto shape<operations::ReadyDependencyBody> =
    object("ReadyDependency", field("name", &operations::ReadyDependencyBody::name),
           field("state", &operations::ReadyDependencyBody::state,
                 "up, down, or degraded: down, but not needed"),
           field("detail", &operations::ReadyDependencyBody::detail));
template <>
inline constexpr auto shape<operations::ReadyBody> =
    object("Ready", field("status", &operations::ReadyBody::status),
           field("dependencies", &operations::ReadyBody::dependencies));

}  // namespace souk::json

namespace souk::operations {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

// GET /healthz
Task<Result<Response>> show_alive(const Health&, const Request& request) {
    co_return answer(request, 200, AliveBody{"alive"});
}

// GET /readyz
Task<Result<Response>> show_ready(const Health& health, const Request& request) {
    const bool tells_details = health.access.knows(request);  // addresses are not for everybody
    bool is_ready = true;
    ReadyBody body;
    for (const ServiceRow& row : health.services) {
        for (Dependency& each : row.dependencies()) {
            is_ready = is_ready && (each.is_up || !each.is_needed);
            body.dependencies.push_back({row.name + " " + each.name, state_of(each),
                                         tells_details ? std::move(each.detail) : std::string()});
        }
    }
    body.status = is_ready ? "ready" : "unavailable";
    co_return answer(request, is_ready ? 200 : 503, body);
}

// GET /metrics
Task<Result<Response>> show_metrics(const Health& health, const Request& request) {
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = request.keep(health.metrics.text());
    co_return response;
}

// GET /openapi/{document}
Task<Result<Response>> describe(const Health& health, const Request& request) {
    std::string_view name = request.path_parameter("document");
    if (name.ends_with(".json")) name.remove_suffix(5);
    if (name == "operations") co_return json_answer(health.own_description);
    const auto found = std::find_if(health.services.begin(), health.services.end(),
                                    [name](const ServiceRow& row) { return row.name == name; });
    if (found == health.services.end()) {
        co_return core::Error{core::Fault::not_found, "not_found",
                              "No service of that name runs here"};
    }
    co_return json_answer(found->description);
}

}  // namespace

http::Routes health_routes(const Health& health) {
    using enum http::Verb;
    using enum http::Auth;
    const auto to = [&health](auto* handle) -> http::Handler {
        return [&health, handle](const Request& request) { return handle(health, request); };
    };
    constexpr http::Schema refusal = json::schema<ErrorBody>;
    constexpr http::Answer foreign{403, "a foreign Host", refusal};
    constexpr http::Answer unknown{401, "the admin token is set and was not sent", refusal};
    return {
        {.verb = get,
         .path = "/healthz",
         .auth = optional,
         .handler = to(show_alive),
         .summary = "The process is alive",
         .answers = {{200, "alive", json::schema<AliveBody>}, foreign}                          },
        {.verb = get,
         .path = "/readyz",
         .auth = optional,
         .handler = to(show_ready),
         .summary = "Each dependency with its state",
         .answers = {{200, "nothing needed is down", json::schema<ReadyBody>},
                     {503, "something needed is down", json::schema<ReadyBody>},
                     foreign}                                                                   },
        {.verb = get,
         .path = "/metrics",
         .auth = admin,
         .handler = to(show_metrics),
         .summary = "Prometheus text",
         .answers = {{200, "the metrics", nullptr, "text/plain"}, unknown, foreign}             },
        {.verb = get,
         .path = "/openapi/{document}",
         .auth = admin,
         .handler = to(describe),
         .summary = "OpenAPI 3.1 of a service, or of this listener (operations.json)",
         .answers = {{200, "the document"}, unknown, foreign, {404, "no such service", refusal}}},
    };
}

}  // namespace souk::operations
