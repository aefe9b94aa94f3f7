#include "services/flash/http.h"

#include "platform/http/client_address.h"
#include "services/flash/errors.h"
#include "services/flash/http_errors.h"
#include "services/flash/http_events.h"
#include "services/flash/wire.h"

#include <openssl/crypto.h>

#include <array>

namespace souk::flash {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

Response fixed(std::string_view body) { return {.content_type = http::json_type, .body = body}; }

std::string_view keep_id(const Request& request, const OrderId& id) {
    const std::array<char, 36> text = core::to_chars(id);
    return request.keep({text.data(), text.size()});
}

// POST /init
Task<Result<Response>> start_sale(const Wiring& flash, const Request& request) {
    Result<NewSale> sale = read_sale(request.body, request.memory());
    if (!sale) co_return sale.error();

    const Result<> started = co_await flash.operations.start_sale(sale->product_id, sale->quantity);
    if (!started) co_return started.error();

    const std::string text =
        "Stock initialized for " + sale->product_id + " to " + std::to_string(sale->quantity);
    co_return answer(request, 200, OutcomeBody{"ok", text});
}

Result<> take_tokens(const Wiring& flash, const Request& request) {
    if (flash.operations.limits_clients()) {
        const http::Address client =
            http::parse_address(request.client_address).value_or(http::Address{});
        if (const Result<> own = flash.operations.take_client_token(client.bytes); !own) return own;
    }
    return flash.operations.take_token();
}

// POST /order; the order of the checks is the contract's (spec 2.3)
Task<Result<Response>> place_order(const Wiring& flash, const Request& request) {
    const json::Reading<OrderBody> body = read_order(request.body, request.memory());
    if (body.malformed) co_return invalid_json();
    if (const Result<> token = take_tokens(flash, request); !token) co_return token.error();
    const Result<NewOrder> wanted =
        check_order(body, request.header("x-idempotency-key").value_or(""));
    if (!wanted) co_return wanted.error();

    const Result<Placed> placed = co_await flash.operations.place_order(*wanted);
    if (!placed) co_return placed.error();

    Response response =
        fixed(placed->is_duplicate ? R"({"status":"ignored","msg":"Duplicate request"})"
                                   : R"({"status":"success","msg":"Order accepted"})");
    response.with("X-Order-Id", keep_id(request, placed->id));
    co_return response;
}

// GET /capacity
Task<Result<Response>> show_capacity(const Wiring& flash, const Request& request) {
    const Capacity now = flash.operations.capacity();
    Response response =
        answer(request, 200, CapacityBody{"ok", now.limit, now.remaining, now.retry_after.count()});
    response.with("Cache-Control", "no-store");
    co_return response;
}

// GET /inventory/{productId}
Task<Result<Response>> show_stock(const Wiring& flash, const Request& request) {
    const std::string_view product_id = request.path_parameter("productId");
    const Result<std::int64_t> stock = co_await flash.operations.stock(product_id);
    if (!stock) co_return stock.error();

    Response response = answer(request, 200, StockBody{"ok", product_id, *stock});
    response.with("Cache-Control", "no-store");
    co_return response;
}

// GET /status/{orderId}
Task<Result<Response>> show_status(const Wiring& flash, const Request& request) {
    const Result<OrderStatus> order =
        co_await flash.operations.status(std::string(request.path_parameter("orderId")));
    if (!order) co_return order.error();

    Response response = answer(request, 200, status_body(*order));
    response.with("Cache-Control", "no-store");
    co_return response;
}

// POST /cancel/{orderId}
Task<Result<Response>> cancel_order(const Wiring& flash, const Request& request) {
    Result<std::optional<std::string>> user_id = read_cancel(request.body, request.memory());
    if (!user_id) co_return user_id.error();

    const std::string reference(request.path_parameter("orderId"));
    const Result<Cancelled> cancelled =
        co_await flash.operations.cancel(reference, std::move(*user_id));
    if (!cancelled) co_return cancelled.error();

    co_return fixed(*cancelled == Cancelled::now
                        ? R"({"status":"cancelled","msg":"Order cancelled"})"
                        : R"({"status":"ignored","msg":"Order already cancelled"})");
}

// GET /health
Task<Result<Response>> show_health(const Wiring& flash, const Request&) {
    const std::string down = flash.component_down();
    if (!down.empty()) co_return component_down(down);
    co_return fixed(R"({"status":"ok"})");
}

// GET /metrics
Task<Result<Response>> show_metrics(const Wiring& flash, const Request& request) {
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = request.keep(flash.metrics_text());
    co_return response;
}

// Any method on / of the waiting room
Task<Result<Response>> show_page(const WaitingRoom& page, const Request& request) {
    co_return co_await page.show(request);
}

bool is_admin(const Wiring& flash, const Request& request) {
    if (flash.admin_token.empty()) return true;
    const std::string_view sent = request.header("authorization").value_or("");
    const std::string wanted = "Bearer " + flash.admin_token;
    return sent.size() == wanted.size() &&
           CRYPTO_memcmp(sent.data(), wanted.data(), wanted.size()) == 0;
}

Task<Result<>> authenticate(const Wiring& flash, const Request& request) {
    if (!is_admin(flash, request)) co_return unauthorized();
    co_return Result<>();
}

template <typename Handle, typename Part>
http::Handler bind(const Part& part, Handle* handle) {
    return [&part, handle](const Request& request) { return handle(part, request); };
}

http::Body json_body(http::Schema schema, bool required) {
    return {.expected = true, .required = required, .schema = schema};
}

constexpr http::Schema outcome = json::schema<OutcomeBody>;
constexpr http::Schema refusal = json::schema<ErrorBody>;

http::Routes selling(const Wiring& flash) {
    using enum http::Verb;
    using enum http::Auth;
    return {
        {.verb = post,
         .path = "/init",
         .auth = admin,
         .handler = bind(flash, start_sale),
         .summary = "Start or reset the sale of one product",
         .body = json_body(json::schema<SaleBody>, true),
         .answers = {{200, "the sale is in force", outcome},
                     {400, "what is wrong with the request", refusal},
                     {401, "ADMIN_TOKEN is set and was not sent", refusal},
                     {500, "the database does not answer", outcome}}},
        {.verb = post,
         .path = "/order",
         .auth = none,
         .handler = bind(flash, place_order),
         .summary = "Try to buy one unit",
         .headers = {{"x-idempotency-key", "string",
                      "1 to 255 visible ASCII characters, one for each purchase", true}},
         .body = json_body(json::schema<OrderBody>, true),
         .answers = {{200, "accepted, or ignored as a duplicate", outcome},
                     {302, "over the rate limit: to the waiting room"},
                     {400, "what is wrong with the request", refusal},
                     {409, "sold out, or over the user's limit (MAX_PER_USER)", outcome},
                     {429, "over the client's own limit (PER_IP_RPS)", refusal},
                     {500, "not handed over: try again with the same key", outcome}},
         .hot = true},
        {.verb = post,
         .path = "/cancel/{orderId}",
         .auth = none,
         .handler = bind(flash, cancel_order),
         .summary = "Cancel an order that is still pending",
         .body = json_body(json::schema<CancelBody>, false),
         .answers = {{200, "cancelled, now or before", outcome},
                     {400, "what is wrong with the request", refusal},
                     {404, "unknown, or another user's", refusal},
                     {409, "already confirmed", outcome},
                     {500, "not known yet: try again", outcome}}},
    };
}

http::Routes looking(const Wiring& flash) {
    using enum http::Verb;
    using enum http::Auth;
    return {
        {.verb = get,
         .path = "/status/{orderId}",
         .auth = none,
         .handler = bind(flash, show_status),
         .summary = "What became of an order, by its id or idempotency key",
         .answers = {{200, "the order", json::schema<StatusBody>},
                     {400, "no possible id", refusal},
                     {404, "unknown", refusal},
                     {500, "the database does not answer", outcome}}},
        {.verb = get,
         .path = "/inventory/{productId}",
         .auth = none,
         .handler = bind(flash, show_stock),
         .summary = "Units left",
         .answers = {{200, "the stock", json::schema<StockBody>},
                     {404, "never initialised", refusal},
                     {500, "not ready yet", outcome}},
         .cors_open = true},
        {.verb = get,
         .path = "/capacity",
         .auth = none,
         .handler = bind(flash, show_capacity),
         .summary = "Room at the limiter; takes nothing",
         .answers = {{200, "the limiter", json::schema<CapacityBody>}},
         .cors_open = true},
        {.verb = get,
         .path = "/health",
         .auth = none,
         .handler = bind(flash, show_health),
         .summary = "For load balancers",
         .answers = {{200, "all is well", json::schema<HealthBody>},
                     {503, "names what is unavailable", outcome}}},
        {.verb = get,
         .path = "/metrics",
         .auth = none,
         .handler = bind(flash, show_metrics),
         .summary = "Prometheus text",
         .answers = {{200, "the metrics", nullptr, "text/plain"}}},
    };
}

http::Routes api_routes(const Wiring& flash) {
    http::Routes all = selling(flash);
    for (http::Route& route : looking(flash)) all.push_back(std::move(route));
    if (flash.events) all.push_back(events_route(*flash.events));
    return all;
}

}  // namespace

http::Room api_room(const Wiring& wiring) {
    http::Room room;
    room.service = "flash";
    room.error_schema = refusal;
    room.routes = api_routes(wiring);
    room.render_error = [&wiring](const core::Error& error, const Request& request) {
        return render_error(wiring.waiting_room_url, error, request);
    };
    room.authenticate = [&wiring](Request& request, http::Auth) {
        return authenticate(wiring, request);
    };
    room.cors = {.origins = wiring.cors_origins,
                 .allowed_headers = "content-type, x-idempotency-key, authorization",
                 .exposed_headers = "X-Order-Id, Retry-After"};
    return room;
}

http::Room waiting_room(const WaitingRoom& page, const Wiring& wiring) {
    http::Room room;
    room.service = "flash";
    room.error_schema = refusal;
    room.routes = {
        {.verb = http::Verb::get,
         .path = "/",
         .auth = http::Auth::none,
         .handler = bind(page, show_page),
         .summary = "The waiting room",
         .query = {{"return", "string", "where to go once there is capacity"},
                   {"productId", "string", "product whose sell-out is shown"}},
         .answers = {{200, "the page", nullptr, "text/html"}},
         .hot = true,
         .any_verb = true,
         .cors_open = true}
    };
    room.render_error = [&wiring](const core::Error& error, const Request& request) {
        return render_error(wiring.waiting_room_url, error, request);
    };
    return room;
}

}  // namespace souk::flash
