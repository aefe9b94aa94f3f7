#include "services/store/http_reading.h"

#include "services/store/errors.h"
#include "services/store/http_bind.h"
#include "services/store/http_errors.h"
#include "services/store/rules.h"
#include "services/store/upload_signature.h"

namespace souk::store {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

// GET /
Task<Result<Response>> show_status(const Wiring& store, const Request& request) {
    co_return answer(request, 200, StatusBody{"ok", store.uptime_seconds()});
}

// GET /health
Task<Result<Response>> show_health(const Wiring& store, const Request& request) {
    const HealthBody health = store.health();
    Response response = answer(request, health.database.ok ? 200 : 503, health);
    response.with("Cache-Control", "no-store");
    co_return response;
}

// GET /api/cdn-auth
Task<Result<Response>> sign(const Wiring& store, const Request& request) {
    if (store.image_kit_private_key.empty()) co_return uploads_not_configured();
    UploadSignature made =
        sign_upload(store.image_kit_private_key, store.clock.now(), store.random);
    Response response = answer(
        request, 200, UploadBody{std::move(made.signature), std::move(made.token), made.expire});
    response.with("Cache-Control", "no-store");
    co_return response;
}

// GET /api/product; a kept answer is sent from where it lies
Task<Result<Response>> list_products(const Wiring& store, const Request& request) {
    Result<ListQuery> query = check_list({.q = request.query_parameter("q"),
                                          .page = request.query_parameter("page"),
                                          .limit = request.query_parameter("limit")});
    if (!query) co_return query.error();
    cache::Text text = co_await store.operations.list(std::move(*query));
    Response response;
    response.content_type = json_type;
    response.body = *text;
    response.owner = std::move(text);
    co_return response;
}

// GET /api/product/{product_id}
Task<Result<Response>> show_product(const Wiring& store, const Request& request) {
    const std::string_view sent = request.path_parameter("product_id");
    const Result<std::optional<std::int64_t>> id = check_product_id(sent);
    if (!id) co_return id.error();
    if (!*id) co_return product_not_found(sent);
    Result<ProductDetail> found = co_await store.operations.show(**id);
    if (!found) co_return found.error();

    const std::string said = "Product " + std::to_string(**id) + " retrieved successfully.";
    co_return answer_long(Answered<ProductDetail>{said, std::move(*found)});
}

// GET /api/cart
Task<Result<Response>> show_cart(const Wiring& store, const Request& request) {
    Result<Person> person = check_person(request.caller.email, request.caller.name);
    if (!person) co_return person.error();
    Cart cart = co_await store.operations.cart(std::move(*person));
    const std::string_view said = cart.is_known ? "Cart retrieved successfully." : "Cart is empty.";
    co_return answer_long(Answered<std::vector<CartItem>>{said, std::move(cart.items)});
}

http::Routes about_the_service(const Wiring& wiring) {
    return {
        {.verb = http::Verb::get,
         .path = "/",
         .auth = http::Auth::none,
         .handler = bind(wiring, show_status),
         .summary = "Status and uptime",
         .answers = {{200, "it is there", json::schema<StatusBody>}}},
        {.verb = http::Verb::get,
         .path = "/health",
         .auth = http::Auth::none,
         .handler = bind(wiring, show_health),
         .summary = "Status with database and cache",
         .answers = {{200, "the database answers", json::schema<HealthBody>},
                     {503, "it does not", json::schema<HealthBody>}}},
        {.verb = http::Verb::get,
         .path = "/api/cdn-auth",
         .auth = http::Auth::user,
         .handler = bind(wiring, sign),
         .summary = "Signature for one upload to ImageKit",
         .answers = {{200, "the signature", json::schema<UploadBody>},
                     {401, "no valid token", refusal},
                     {500, "uploads are not configured", refusal},
                     {503, "tokens cannot be verified", refusal}}   },
    };
}

}  // namespace

http::Routes reading_routes(const Wiring& wiring) {
    http::Routes routes = about_the_service(wiring);
    routes.push_back({
        .verb = http::Verb::get,
        .path = "/api/product",
        .auth = http::Auth::none,
        .handler = bind(wiring, list_products),
        .summary = "List and search products",
        .query = {{"q", "string", "found in name or description; at most 200 characters"},
                  {"page", "integer", "from 1"},
                  {"limit", "integer", "1 to 100; 20 when absent"}},
        .answers = {{200, "one page", json::schema<Answered<std::vector<Product>>>},
                  {422, "what is wrong with the query", refusal},
                  {500, "the database does not answer", refusal}  },
        .hot = true
    });
    routes.push_back({
        .verb = http::Verb::get,
        .path = "/api/product/{product_id}",
        .auth = http::Auth::none,
        .handler = bind(wiring, show_product),
        .summary = "One product with its reviews",
        .answers = {{200, "the product", json::schema<Answered<ProductDetail>>},
                    {404, "no such product", refusal},
                    {422, "the id is no integer", refusal},
                    {500, "the database does not answer", refusal}},
        .hot = true
    });
    routes.push_back({
        .verb = http::Verb::get,
        .path = "/api/cart",
        .auth = http::Auth::user,
        .handler = bind(wiring, show_cart),
        .summary = "The caller's cart",
        .answers = {{200, "its entries", json::schema<Answered<std::vector<CartItem>>>},
                    {400, "the token has no email", refusal},
                    {401, "no valid token", refusal},
                    {422, "the email is too long", refusal},
                    {500, "the database does not answer", refusal},
                    {503, "tokens cannot be verified", refusal}}
    });
    return routes;
}

}  // namespace souk::store
