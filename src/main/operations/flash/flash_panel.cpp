#include "main/operations/flash/flash_panel.h"

#include "main/operations/answer.h"
#include "main/operations/flash/flash_body.h"
#include "platform/json/read.h"

#include <string>
#include <string_view>
#include <utility>

namespace souk::operations {

struct NewSaleBody {
    std::string_view product_id;
    std::int64_t quantity = 0;
};
struct RetryBody {
    std::int64_t position = 0;
};
struct RetriedBody {
    std::int64_t written = 0;
    std::int64_t unreadable = 0;
    std::string refusal;
};

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::NewSaleBody> =
    object("NewSale",
           field("productId", &operations::NewSaleBody::product_id,
                 "1 to 128 visible ASCII characters without quotes", length(1, 128)),
           field("quantity", &operations::NewSaleBody::quantity, "units to sell",
                 range(0, 2'147'483'647)));
template <>
inline constexpr auto shape<operations::RetryBody> = object(
    "Retry", field("position", &operations::RetryBody::position, "of the dead letter in its log"));
template <>
inline constexpr auto shape<operations::RetriedBody> = object(
    "Retried", field("written", &operations::RetriedBody::written, "orders that are written now"),
    field("unreadable", &operations::RetriedBody::unreadable, "records no order can be read from"),
    field("refusal", &operations::RetriedBody::refusal, "why the database refused again"));

}  // namespace souk::json

namespace souk::operations {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

constexpr http::Schema refusal = json::schema<ErrorBody>;

core::Error not_ready(const core::Unavailable& down) {
    return {core::Fault::unavailable, "unavailable", std::string(down.what())};
}

// POST /flash/sales
Task<Result<Response>> start_sale(flash::Service& flash, const Request& request) {
    const auto read = json::read<NewSaleBody>(request.body, request.memory());
    if (read.malformed) co_return invalid("The body must be a JSON object");
    if (read.problem("productId")) co_return invalid("\"productId\" must be a text of 1 to 128");
    if (read.problem("quantity"))
        co_return invalid("\"quantity\" must be a whole number from 0 to 2147483647");
    const NewSaleBody wanted = read.value;
    try {
        const Result<> started =
            co_await flash.start_sale(std::string(wanted.product_id), wanted.quantity);
        if (!started) co_return started.error();
    } catch (const core::Unavailable& down) {
        co_return not_ready(down);  // with the reason, which the platform would keep to itself
    }
    co_return answer(request, 200, wanted);
}

// POST /flash/dead-letters/retry
Task<Result<Response>> retry(flash::Service& flash, const Request& request) {
    const auto read = json::read<RetryBody>(request.body, request.memory());
    if (!read.fine()) co_return invalid("\"position\" must be a whole number");
    flash::Retried retried;
    try {
        retried = co_await flash.retry_dead_letter(read.value.position);
    } catch (const core::Unavailable& down) {
        co_return not_ready(down);
    }
    if (retried.written + retried.unreadable == 0 && retried.refusal.empty())
        co_return core::Error{core::Fault::not_found, "not_found", "No dead letter there"};
    co_return answer(request, 200,
                     RetriedBody{.written = static_cast<std::int64_t>(retried.written),
                                 .unreadable = static_cast<std::int64_t>(retried.unreadable),
                                 .refusal = retried.refusal});
}

http::Answer forbidden() { return {403, "a foreign Host or Origin", refusal}; }
http::Answer unauthorized() { return {401, "the admin token is set and was not sent", refusal}; }

}  // namespace

Panel flash_panel(flash::Service& flash) {
    flash::Panel& panel = flash.panel();
    return {
        .schema = json::schema<FlashBody>,
        .sample = [&panel](std::uint64_t tick) { panel.sample(tick); },
        .write = [&panel](metrics::Ticks ticks,
                          json::Output& out) { json::write(flash_body(panel.now(ticks)), out); }};
}

http::Routes flash_actions(flash::Service& flash) {
    using enum http::Verb;
    using enum http::Auth;
    return {
        {.verb = post,
         .path = "/flash/sales",
         .auth = admin,
         .handler = [&flash](const Request& request) { return start_sale(flash, request); },
         .summary = "Starts or resets the sale of a product",
         .body = {.expected = true, .required = true, .schema = json::schema<NewSaleBody>},
         .answers = {{200, "the sale is in force", json::schema<NewSaleBody>},
                     {400, "what is wrong with the request", refusal},
                     unauthorized(),
                     forbidden(),
                     {503, "flash is not ready, or its database does not answer", refusal}}},
        {.verb = post,
         .path = "/flash/dead-letters/retry",
         .auth = admin,
         .handler = [&flash](const Request& request) { return retry(flash, request); },
         .summary = "Writes the order of a dead letter once more",
         .body = {.expected = true, .required = true, .schema = json::schema<RetryBody>},
         .answers = {{200, "what became of it", json::schema<RetriedBody>},
                     {400, "no position", refusal},
                     unauthorized(),
                     forbidden(),
                     {404, "no dead letter at this position", refusal},
                     {503, "flash is not ready, or its database does not answer", refusal}}},
    };
}

}  // namespace souk::operations
