#include "main/operations/settings.h"

#include "main/operations/answer.h"

#include <memory>

namespace souk::operations {

struct SettingsBody {
    std::vector<config::Effective> settings;
};

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<config::Effective> =
    object("Setting", field("name", &config::Effective::name),
           field("value", &config::Effective::value, "secrets are masked"),
           field("source", &config::Effective::source, "default, environment NAME, flag, …"),
           field("help", &config::Effective::help), field("bounds", &config::Effective::bounds));
template <>
inline constexpr auto shape<operations::SettingsBody> =
    object("Settings", field("settings", &operations::SettingsBody::settings));

}  // namespace souk::json

namespace souk::operations {
namespace {

core::Task<core::Result<http::Response>> show(std::shared_ptr<const std::string> text) {
    http::Response response = json_answer(*text);
    response.owner = text;
    co_return response;
}

}  // namespace

http::Route settings_route(const std::vector<config::Effective>& values) {
    json::Output out;
    json::write(SettingsBody{values}, out);
    const auto text = std::make_shared<const std::string>(out);
    return {
        .verb = http::Verb::get,
        .path = "/console/settings",
        .auth = http::Auth::admin,
        .handler = [text](const http::Request&) { return show(text); },
        .summary = "Effective settings and where each came from",
        .answers = {{200, "the settings", json::schema<SettingsBody>},
                                                 {401, "the admin token is set and was not sent", json::schema<ErrorBody>},
                                                 {403, "a foreign Host", json::schema<ErrorBody>}}
    };
}

}  // namespace souk::operations
