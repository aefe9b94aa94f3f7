#include "platform/http/openapi.h"

#include <boost/json.hpp>

#include <algorithm>

namespace souk::http {
namespace {

namespace json = boost::json;

std::string lower_name(Verb verb) {
    std::string text(name(verb));
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return static_cast<char>(c | 0x20); });
    return text;
}

json::value schema_of(Schema schema) {
    return schema == nullptr ? json::value(json::object()) : json::parse(schema());
}

json::object content_of(std::string_view media_type, Schema schema) {
    return {
        {media_type, json::object{{"schema", schema_of(schema)}}}
    };
}

json::object parameter(std::string_view place, std::string_view name, std::string_view type) {
    return {
        {"name",     name                        },
        {"in",       place                       },
        {"required", place == "path"             },
        {"schema",   json::object{{"type", type}}}
    };
}

// "/products/{id:integer}" is written "/products/{id}", and its parameter becomes a row.
std::string open_path(const std::string& path, json::array& parameters) {
    std::string written;
    std::size_t at = 0;
    while (at < path.size()) {
        const std::size_t open = path.find('{', at);
        const std::size_t close = path.find('}', at);
        if (open == std::string::npos || close == std::string::npos) break;
        const std::string inner = path.substr(open + 1, close - open - 1);
        const std::string name = inner.substr(0, inner.find(':'));
        parameters.push_back(
            parameter("path", name, inner.ends_with(":integer") ? "integer" : "string"));
        written += path.substr(at, open - at) + "{" + name + "}";
        at = close + 1;
    }
    return written + path.substr(at);
}

// What the platform itself answers to this route's requests.
std::vector<Answer> refusals_of(const Route& route, Schema error) {
    if (!route.body.expected) return {};
    return {
        {413, "body too large",             error},
        {415, "body of another media type", error}
    };
}

json::object responses_of(const Route& route, Schema error) {
    json::object responses;
    std::vector<Answer> answers = route.answers;
    for (const Answer& refusal : refusals_of(route, error)) answers.push_back(refusal);
    for (const Answer& answer : answers) {
        json::object response{
            {"description", answer.help}
        };
        if (answer.schema != nullptr || answer.media_type != "application/json") {
            response["content"] = content_of(answer.media_type, answer.schema);
        }
        // Two answers of one status differ in their body: both texts and both shapes are kept.
        const std::string status = std::to_string(answer.status);
        if (json::value* const before = responses.if_contains(status)) {
            json::object& merged = before->as_object();
            merged["description"] =
                std::string(merged["description"].as_string()) + "; " + std::string(answer.help);
            if (answer.schema == nullptr || !merged.contains("content")) continue;
            json::object& content = merged["content"].as_object();
            if (!content.contains(answer.media_type)) {
                content[answer.media_type] = json::object{
                    {"schema", schema_of(answer.schema)}
                };
                continue;
            }
            json::value& schema = content[answer.media_type].at("schema");
            if (!schema.as_object().contains("anyOf"))
                schema = json::object{
                    {"anyOf", {schema}}
                };
            schema.at("anyOf").as_array().push_back(schema_of(answer.schema));
            continue;
        }
        responses[status] = std::move(response);
    }
    responses["default"] = json::object{
        {"description",
         "refused before the handler: wrong method, too slow, too large, overloaded"},
        {"content", content_of("application/json", error)}
    };
    return responses;
}

void add_parameters(std::string_view place, const std::vector<Parameter>& rows, json::array& into) {
    for (const Parameter& each : rows) {
        json::object row = parameter(place, each.name, each.type);
        row["description"] = each.help;
        row["required"] = each.required;
        into.push_back(std::move(row));
    }
}

json::object operation(const Route& route, const Room& room, json::array parameters) {
    add_parameters("query", route.query, parameters);
    add_parameters("header", route.headers, parameters);
    json::object written{
        {"summary", route.summary            },
        {"tags",    json::array{room.service}}
    };
    if (!room.listener.empty()) written["x-listener"] = room.listener;
    if (!parameters.empty()) written["parameters"] = std::move(parameters);
    if (route.body.expected) {
        written["requestBody"] = json::object{
            {"required", route.body.required},
            {"content", content_of(route.body.media_type, route.body.schema)}
        };
    }
    written["responses"] = responses_of(route, room.error_schema);
    if (route.auth == Auth::user || route.auth == Auth::admin) {
        written["security"] = json::array{json::object{{"bearer", json::array{}}}};
    } else if (route.auth == Auth::optional) {
        written["security"] = json::array{json::object{}, json::object{{"bearer", json::array{}}}};
    }
    return written;
}

}  // namespace

std::string openapi(const Description& description, const std::vector<const Room*>& rooms) {
    json::object paths;
    bool secured = false;
    for (const Room* const room : rooms) {
        for (const Route& route : room->routes) {
            json::array parameters;
            const std::string path = open_path(route.path, parameters);
            json::object& place =
                paths.contains(path) ? paths[path].as_object() : paths[path].emplace_object();
            place[lower_name(route.verb)] = operation(route, *room, std::move(parameters));
            secured = secured || route.auth != Auth::none;
        }
    }
    json::object document{
        {"openapi", "3.1.0"                                                    },
        {"info",    json::object{{"title", description.title},
                              {"version", description.version},
                              {"summary", description.summary}}},
        {"paths",   std::move(paths)                                           }
    };
    if (secured) {
        document["components"] = json::object{
            {"securitySchemes",
             json::object{{"bearer", json::object{{"type", "http"}, {"scheme", "bearer"}}}}}
        };
    }
    return json::serialize(document);
}

}  // namespace souk::http
