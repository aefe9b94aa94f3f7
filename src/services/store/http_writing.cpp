#include "services/store/http_writing.h"

#include "platform/core/iso_time.h"
#include "platform/http/client_address.h"
#include "services/store/errors.h"
#include "services/store/http_bind.h"
#include "services/store/http_errors.h"
#include "services/store/keyed_hash.h"
#include "services/store/rules.h"

#include <algorithm>

namespace souk::store {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

constexpr std::size_t contact_body_bytes_max = 16 * 1024;
constexpr std::size_t key_length_max = 255;

Result<Person> person_of(const Request& request) {
    return check_person(request.caller.email, request.caller.name);
}

// POST /api/product
Task<Result<Response>> create_product(const Wiring& store, const Request& request) {
    Result<Person> owner = person_of(request);
    if (!owner) co_return owner.error();
    Result<NewProduct> wanted = read_product(request.body, request.memory());
    if (!wanted) co_return wanted.error();

    Product created = co_await store.operations.create(std::move(*owner), std::move(*wanted));
    co_return answer(request, 201,
                     Answered<Product>{"Product created successfully.", std::move(created)});
}

// POST /api/cart
Task<Result<Response>> change_cart(const Wiring& store, const Request& request) {
    Result<Person> person = person_of(request);
    if (!person) co_return person.error();
    const Result<CartChange> wanted = read_cart_change(request.body, request.memory());
    if (!wanted) co_return wanted.error();

    const Result<CartEntry> entry =
        co_await store.operations.change_cart(std::move(*person), *wanted);
    if (!entry) co_return entry.error();
    co_return answer(request, 200, Answered<CartEntry>{"Item added to cart successfully.", *entry});
}

// POST /api/review
Task<Result<Response>> add_review(const Wiring& store, const Request& request) {
    Result<Person> author = person_of(request);
    if (!author) co_return author.error();
    const Result<NewReview> wanted = read_review(request.body, request.memory());
    if (!wanted) co_return wanted.error();

    const Result<std::int64_t> id = co_await store.operations.review(std::move(*author), *wanted);
    if (!id) co_return id.error();
    co_return answer(request, 200,
                     Answered<ReviewAnswer>{
                         "Successfully added new review.",
                         {*id, wanted->title, wanted->rating, wanted->content}
    });
}

// Whoever has an IPv6 address has a network of them.
std::string network_of(std::string_view address) {
    std::optional<http::Address> parsed = http::parse_address(address);
    if (!parsed) return std::string(address);
    std::string text = http::to_string(*parsed);
    if (text.find(':') == std::string::npos) return text;
    std::fill(parsed->bytes.begin() + 8, parsed->bytes.end(), std::uint8_t{0});
    return http::to_string(*parsed) + "/64";
}

// POST /api/contact
Task<Result<Response>> contact(const Wiring& store, const Request& request) {
    Result<SentContact> sent = read_contact(request.body, request.memory());
    if (!sent) co_return sent.error();
    const Result<Person> caller = person_of(request);

    const Result<StoredContact> stored =
        co_await store.operations.contact({.name = std::move(sent->name),
                                           .email = std::move(sent->email),
                                           .subject = std::move(sent->subject),
                                           .message = std::move(sent->message),
                                           .caller_email = caller ? caller->email : std::string(),
                                           .address = network_of(request.client_address),
                                           .is_robot = sent->is_robot});
    if (!stored) co_return stored.error();
    const std::string at = core::to_iso8601_seconds(core::from_ms(stored->created_at_ms));
    co_return answer(request, 201,
                     Answered<ContactAnswer>{
                         "Message received.", {stored->id, at}
    });
}

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= key_length_max &&
           std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// POST /api/checkout
Task<Result<Response>> check_out(const Wiring& store, const Request& request) {
    Result<Person> person = person_of(request);
    if (!person) co_return person.error();
    Result<NewOrder> wanted = read_order(request.body, request.memory());
    if (!wanted) co_return wanted.error();
    if (const auto key = request.header("idempotency-key")) {
        if (!is_key(*key))
            co_return invalid("Idempotency-Key: must have 1 to 255 visible ASCII characters");
        wanted->idempotency_key = *key;
    }
    wanted->digest = hmac_sha256(
        "order", joined({wanted->name, wanted->address, wanted->phone, wanted->payment_method}));

    const Result<Order> order =
        co_await store.operations.check_out(std::move(*person), std::move(*wanted));
    if (!order) co_return order.error();
    const std::string at = core::to_iso8601_seconds(core::from_ms(order->created_at_ms));
    co_return answer(
        request, 200,
        Answered<OrderAnswer>{
            "Order placed successfully.", {order->id, order->total_amount, order->item_count, at}
    });
}

http::Route checkout_route(const Wiring& wiring) {
    return {
        .verb = http::Verb::post,
        .path = "/api/checkout",
        .auth = http::Auth::user,
        .handler = bind(wiring, check_out),
        .summary = "Turn the caller's cart into an order",
        .headers = {{"idempotency-key", "string",
                     "1 to 255 visible ASCII characters: the same order is placed once"}},
        .body = json_body(json::schema<OrderBody>),
        .answers = {{200, "the order", json::schema<Answered<OrderAnswer>>},
                    {400, "the cart cannot be ordered as it is", refusal},
                    {401, "no valid token", refusal},
                    {404, "no such user, or a product is gone", refusal},
                    {409, "the key was used with another body", refusal},
                    {422, "what is wrong with the body", refusal},
                    {500, "not known: try again with the same key", refusal},
                    {503, "tokens cannot be verified", refusal}}
    };
}

http::Route contact_route(const Wiring& wiring) {
    return {
        .verb = http::Verb::post,
        .path = "/api/contact",
        .auth = http::Auth::optional,
        .handler = bind(wiring, contact),
        .summary = "Send a message to the shop",
        .body = json_body(json::schema<ContactBody>),
        .answers = {{201, "it is stored", json::schema<Answered<ContactAnswer>>},
                    {422, "what is wrong with the body", refusal},
                    {429, "too many messages; see Retry-After", refusal},
                    {500, "it could not be stored", refusal}},
        .limits = {.body_bytes_max = contact_body_bytes_max}
    };
}

}  // namespace

http::Routes writing_routes(const Wiring& wiring) {
    using enum http::Verb;
    using enum http::Auth;
    http::Routes routes = {
        {.verb = post,
         .path = "/api/product",
         .auth = user,
         .handler = bind(wiring, create_product),
         .summary = "Create a product",
         .body = json_body(json::schema<ProductBody>),
         .answers = {{201, "the product", json::schema<Answered<Product>>},
                     {400, "the token has no email", refusal},
                     {401, "no valid token", refusal},
                     {422, "what is wrong with the body", refusal},
                     {500, "not stored, as far as is known", refusal},
                     {503, "tokens cannot be verified", refusal}}},
        {.verb = post,
         .path = "/api/cart",
         .auth = user,
         .handler = bind(wiring, change_cart),
         .summary = "Add to the caller's cart, or take out of it",
         .body = json_body(json::schema<CartBodyShown>),
         .answers = {{200, "the entry as it is now", json::schema<Answered<CartEntry>>},
                     {400, "no email, no product or no quantity", refusal},
                     {401, "no valid token", refusal},
                     {404, "no such product", refusal},
                     {422, "what is wrong with the body", refusal},
                     {500, "nothing has changed, as far as is known", refusal},
                     {503, "tokens cannot be verified", refusal}}},
        {.verb = post,
         .path = "/api/review",
         .auth = user,
         .handler = bind(wiring, add_review),
         .summary = "Review a product",
         .body = json_body(json::schema<ReviewBody>),
         .answers = {{200, "the review", json::schema<Answered<ReviewAnswer>>},
                     {400, "the token has no email", refusal},
                     {401, "no valid token", refusal},
                     {404, "no such product", refusal},
                     {422, "what is wrong with the body", refusal},
                     {500, "not stored, as far as is known", refusal},
                     {503, "tokens cannot be verified", refusal}}},
    };
    routes.push_back(contact_route(wiring));
    if (wiring.has_checkout) routes.push_back(checkout_route(wiring));
    return routes;
}

}  // namespace souk::store
