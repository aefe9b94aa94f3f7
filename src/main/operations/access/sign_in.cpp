#include "main/operations/access/sign_in.h"

#include "main/operations/access/sign_in_form.h"
#include "main/operations/answer.h"
#include "platform/http/page.h"
#include "platform/log/log.h"

#include <string>
#include <string_view>

namespace souk::operations {
namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

Response form(const SignInPage& page, const Request& request, std::string_view problem) {
    Response response =
        http::answer_page(request, page.random,
                          {
                              .text = sign_in_form,
                              .values = {{"problem", std::string(problem)},
                                         {"invalid", problem.empty() ? "false" : "true"}},
                              .form_action = "'self'"
    });
    return response.with("Referrer-Policy", "no-referrer");
}

// A field of a form is written as a query is.
std::string_view field(const Request& request, std::string_view name) {
    Request form = request;
    form.query = request.body;
    return form.query_parameter(name).value_or("");
}

// GET /login
Task<Result<Response>> show(const SignInPage& page, const Request& request) {
    if (page.access.knows(request)) co_return see_other("/");
    co_return form(page, request, "");
}

// POST /login
Task<Result<Response>> sign_in(const SignInPage& page, const Request& request) {
    if (!page.access.asks_for_token()) co_return see_other("/");
    Response response;
    switch (page.access.sign_in(field(request, "token"))) {
        case Access::SignIn::right:
            co_return see_other("/").with("Set-Cookie", request.keep(page.access.new_cookie()));
        case Access::SignIn::wrong:
            log::warn("souk", "somebody tried to sign in with a wrong admin token",
                      {log::Field("client", request.client_address)});
            response = form(page, request, "This is not the admin token.");
            response.status = 401;
            break;
        case Access::SignIn::too_many:
            response =
                form(page, request, "There were too many wrong tokens. Try again in ten seconds.");
            response.status = 429;
            response.with("Retry-After", "10");
            break;
    }
    co_return response;
}

// POST /logout
Task<Result<Response>> sign_out(const SignInPage&, const Request& request) {
    co_return see_other("/login").with("Set-Cookie", request.keep(Access::dropped_cookie()));
}

}  // namespace

http::Routes sign_in_routes(const SignInPage& page) {
    using enum http::Verb;
    using enum http::Auth;
    const auto to = [&page](auto* handle) -> http::Handler {
        return [&page, handle](const Request& request) { return handle(page, request); };
    };
    constexpr http::Schema refusal = json::schema<ErrorBody>;
    return {
        {.verb = get,
         .path = "/login",
         .auth = optional,
         .handler = to(show),
         .summary = "The form that asks for the admin token",
         .answers = {{200, "the form", nullptr, "text/html"},
                     {303, "no token is set, or it is known already: to /"},
                     {403, "a foreign Host", refusal}}},
        {.verb = post,
         .path = "/login",
         .auth = optional,
         .handler = to(sign_in),
         .summary = "Signs in with the field token",
         .body = {.expected = true,
                  .required = true,
                  .media_type = "application/x-www-form-urlencoded"},
         .answers = {{303, "right: to / with the cookie souk_session"},
                     {401, "wrong: the form again", nullptr, "text/html"},
                     {403, "a foreign Host or Origin", refusal},
                     {429, "too many wrong tokens: the form again", nullptr, "text/html"}},
         .limits = {.body_bytes_max = 16'384}},
        {.verb = post,
         .path = "/logout",
         .auth = optional,
         .handler = to(sign_out),
         .summary = "Drops the cookie",
         .answers = {{303, "to /login"}, {403, "a foreign Host or Origin", refusal}}},
    };
}

}  // namespace souk::operations
