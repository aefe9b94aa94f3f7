#include "main/operations/store/store_panel.h"

#include "main/operations/answer.h"
#include "main/operations/store/store_body.h"
#include "platform/json/read.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace souk::operations {

struct ResendBody {
    std::optional<std::int64_t> id;
};
struct ResentBody {
    std::int64_t queued = 0;
};

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::ResendBody> =
    object("Resend",
           field("id", &operations::ResendBody::id, "of one; without it all that were given up"));
template <>
inline constexpr auto shape<operations::ResentBody> = object(
    "Resent", field("queued", &operations::ResentBody::queued, "so many are on their way again"));

}  // namespace souk::json

namespace souk::operations {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

constexpr http::Schema refusal = json::schema<ErrorBody>;

// What can be sent again, and how.
struct Resendable {
    std::string path;
    std::string_view summary;
    std::string one;  // "message", before its id
    Task<std::int64_t> (store::Service::*resend)(std::optional<std::int64_t> id);
};

Task<Result<Response>> resend(store::Service& store, const Resendable& what,
                              const Request& request) {
    const auto read = json::read<ResendBody>(request.body, request.memory());
    if (!read.fine()) co_return invalid("\"id\" must be a whole number, or left out");
    const std::optional<std::int64_t> id = read.value.id;
    std::int64_t queued = 0;
    try {
        queued = co_await (store.*what.resend)(id);
    } catch (const core::Unavailable& down) {
        // With the reason, which the platform would keep to itself.
        co_return core::Error{core::Fault::unavailable, "unavailable", std::string(down.what())};
    }
    if (id && queued == 0) {
        co_return core::Error{
            core::Fault::not_found, "not_found",
            "No " + what.one + " " + std::to_string(*id) + ", or it is on its way already"};
    }
    co_return answer(request, 200, ResentBody{queued});
}

http::Route resend_route(store::Service& store, Resendable what) {
    const std::string path = what.path;
    const std::string_view summary = what.summary;
    return {
        .verb = http::Verb::post,
        .path = path,
        .auth = http::Auth::admin,
        .handler = [&store, what = std::move(what)](
                       const Request& request) { return resend(store, what, request); },
        .summary = summary,
        .body = {.expected = true, .required = true, .schema = json::schema<ResendBody>},
        .answers = {{200, "so many are on their way", json::schema<ResentBody>},
                                                {400, "no id", refusal},
                                                {401, "the admin token is set and was not sent", refusal},
                                                {403, "a foreign Host or Origin", refusal},
                                                {404, "none of this id that could be sent again", refusal},
                                                {503, "store is not ready, or cannot send", refusal}}
    };
}

}  // namespace

Panel store_panel(store::Service& store) {
    store::Panel& panel = store.panel();
    return {
        .schema = json::schema<StoreBody>,
        .sample = [&panel](std::uint64_t tick) { panel.sample(tick); },
        .write = [&panel](metrics::Ticks ticks,
                          json::Output& out) { json::write(store_body(panel.now(ticks)), out); }};
}

http::Routes store_actions(store::Service& store) {
    return {resend_route(store, {.path = "/store/contacts/resend",
                                 .summary = "Forwards messages of the contact form once more",
                                 .one = "message",
                                 .resend = &store::Service::resend_contacts}),
            resend_route(store, {.path = "/store/orders/resend",
                                 .summary = "Mails confirmations of orders once more",
                                 .one = "confirmation of order",
                                 .resend = &store::Service::resend_confirmations})};
}

}  // namespace souk::operations
