#include "main/operations/console.h"

#include "main/operations/answer.h"
#include "platform/http/page.h"

#include <memory>
#include <utility>
#include <vector>

namespace souk::operations {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

constexpr http::Schema refusal = json::schema<ErrorBody>;

Response kept_answer(const json::Output& out) {
    const auto text = std::make_shared<const std::string>(out);
    Response response = json_answer(*text);
    response.owner = text;
    return response;
}

std::vector<http::Answer> answers_of(http::Answer fine) {
    return {
        fine,
        {401, "the admin token is set and was not sent",       refusal},
        {403, "a foreign Host, or the Origin of another site", refusal}
    };
}

}  // namespace

Console::Console(Overview::About about, const Services& services, std::string_view page,
                 Borrowed from)
    : services_(services),
      page_(page),
      random_(from.random),
      overview_(std::move(about), services, from.clock, from.metrics),
      live_([this](metrics::Ticks ticks) { return message(ticks); }),
      ticker_(from.loop) {}

void Console::start() {
    std::vector<Ticker::Call> calls;
    calls.push_back([this](std::uint64_t tick) { overview_.sample(tick); });
    for (const ServiceRow& row : services_) {
        if (row.panel.write) calls.push_back(row.panel.sample);
    }
    calls.push_back([this](std::uint64_t tick) { live_.tell_all(tick); });
    ticker_.start(std::move(calls));
}

void Console::stop() { ticker_.stop(); }

// {"overview":…,"flash":…}
std::string Console::message(metrics::Ticks ticks) const {
    json::Output out("{\"overview\":");
    json::write(overview_.now(ticks), out);
    for (const ServiceRow& row : services_) {
        if (!row.panel.write) continue;
        out += ',';
        json::write(row.name, out);
        out += ':';
        row.panel.write(ticks, out);
    }
    out += '}';
    return std::string(out);
}

Task<Result<Response>> Console::show_page(const Request& request) {
    Response response = http::answer_page(
        request, random_, {.text = page_, .connect = "'self'", .form_action = "'self'"});
    co_return response.with("Referrer-Policy", "no-referrer");
}

Task<Result<Response>> Console::show_overview() {
    json::Output out;
    json::write(overview_.now({}), out);
    co_return kept_answer(out);
}

Task<Result<Response>> Console::show_panel(const Panel& panel) {
    json::Output out;
    panel.write({}, out);
    co_return kept_answer(out);
}

http::Route Console::panel_route(const ServiceRow& row) {
    return {.verb = http::Verb::get,
            .path = "/console/" + row.name,
            .auth = http::Auth::admin,
            .handler = [&row](const Request&) { return show_panel(row.panel); },
            .summary = "Figures of one service's own",
            .answers = answers_of({200, "the figures", row.panel.schema})};
}

http::Routes Console::routes() {
    using enum http::Verb;
    using enum http::Auth;
    http::Routes routes{
        {.verb = get,
         .path = "/",
         .auth = admin,
         .handler = [this](const Request& request) { return show_page(request); },
         .summary = "The console",
         .answers = {{200, "the page", nullptr, "text/html"},
                     {303, "the admin token is set and not known: to /login"},
                     {403, "a foreign Host", refusal}}                           },
        {.verb = get,
         .path = "/console/overview",
         .auth = admin,
         .handler = [this](const Request&) { return show_overview(); },
         .summary = "The program at a glance",
         .answers = answers_of({200, "the overview", json::schema<OverviewBody>})},
        {.verb = get,
         .path = "/console/live",
         .auth = admin,
         .websocket = live_.handler(),
         .summary = "All figures at once, then what is new every second (WebSocket)",
         .answers = answers_of({101, "the WebSocket"})                           },
    };
    for (const ServiceRow& row : services_) {
        if (row.panel.write) routes.push_back(panel_route(row));
    }
    return routes;
}

}  // namespace souk::operations
