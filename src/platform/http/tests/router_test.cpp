#include "platform/http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace souk::http {
namespace {

Route route(Verb verb, std::string path, bool any_verb = false) {
    Route row{};
    row.verb = verb;
    row.path = std::move(path);
    row.any_verb = any_verb;
    return row;
}

Room room(std::string service, std::vector<Route> routes) {
    Room made;
    made.service = std::move(service);
    made.routes = std::move(routes);
    return made;
}

// "room: path (parameters)", "room: 404" or "room: 405 allow".
std::string ask(const Router& router, Verb verb, std::string_view path) {
    std::pmr::monotonic_buffer_resource memory;
    PathParameters parameters;
    const Router::Match match = router.find(verb, path, memory, parameters);
    std::string said = match.room->service + ": ";
    if (match.bad_encoding) return said + "bad encoding";
    if (!match.known()) return said + "404";
    if (match.route == nullptr) return said + "405 " + std::string(match.allow);
    said += match.route->path;
    for (const Header& parameter : parameters) {
        said += " " + std::string(parameter.name) + "=" + std::string(parameter.value);
    }
    return said;
}

TEST(Router, finds_the_row) {
    const std::vector<Room> rooms = {
        room("shop", {route(Verb::get, "/products"), route(Verb::post, "/products"),
                      route(Verb::get, "/products/{id:integer}"),
                      route(Verb::get, "/products/{slug}"), route(Verb::get, "/products/new"),
                      route(Verb::delete_, "/products/{id}"), route(Verb::get, "/a/{x}/b/{y}")}),
        room("page", {route(Verb::get, "/", true)})};
    const Router router(rooms);
    struct Case {
        Verb verb;
        std::string_view path;
        std::string_view said;
    };
    const std::vector<Case> cases = {
        {Verb::get,     "/products",       "shop: /products"                   },
        {Verb::head,    "/products",       "shop: /products"                   },
        {Verb::post,    "/products",       "shop: /products"                   },
        {Verb::put,     "/products",       "shop: 405 GET, HEAD, POST"         },
        {Verb::other,   "/products",       "shop: 405 GET, HEAD, POST"         },
        {Verb::get,     "/products/new",   "shop: /products/new"               },
        {Verb::get,     "/products/%6Eew", "shop: /products/new"               },
        {Verb::get,     "/products/7",     "shop: /products/{id:integer} id=7" },
        {Verb::get,     "/products/-7",    "shop: /products/{id:integer} id=-7"},
        {Verb::get,     "/products/red",   "shop: /products/{slug} slug=red"   },
        {Verb::get,     "/products/a%20b", "shop: /products/{slug} slug=a b"   },
        {Verb::get,     "/products/a%2Fb", "shop: /products/{slug} slug=a/b"   },
        {Verb::get,     "/products/a%2",   "shop: bad encoding"                },
        {Verb::get,     "/products/",      "shop: 404"                         },
        {Verb::get,     "/products/7/8",   "shop: 404"                         },
        {Verb::delete_, "/products/red",   "shop: /products/{id} id=red"       },
        {Verb::get,     "/a/1/b/2",        "shop: /a/{x}/b/{y} x=1 y=2"        },
        {Verb::get,     "/a/1/c/2",        "shop: 404"                         },
        {Verb::get,     "/",               "page: /"                           },
        {Verb::other,   "/",               "page: /"                           },
        {Verb::get,     "*",               "shop: 404"                         },
    };
    for (const Case& one : cases) EXPECT_EQ(ask(router, one.verb, one.path), one.said) << one.path;
}

TEST(Router, an_unknown_path_belongs_to_the_room_with_the_longest_prefix) {
    const std::vector<Room> rooms = {
        room("page", {route(Verb::get, "/")}),
        room("api", {route(Verb::get, "/api/x/y"), route(Verb::get, "/api/{z}")}),
        room("deep", {route(Verb::get, "/api/deep/list")})};
    const Router router(rooms);
    EXPECT_EQ(ask(router, Verb::get, "/elsewhere"), "page: 404");
    EXPECT_EQ(ask(router, Verb::get, "/api/x/y/z"), "api: 404");
    EXPECT_EQ(ask(router, Verb::get, "/api/deep/other"), "deep: 404");
    EXPECT_EQ(ask(router, Verb::get, "/apis/x"), "page: 404");
}

TEST(Router, two_rooms_may_share_a_path_with_different_verbs) {
    const std::vector<Room> rooms = {room("reads", {route(Verb::get, "/x/{a}")}),
                                     room("writes", {route(Verb::post, "/x/{b}")})};
    const Router router(rooms);
    EXPECT_EQ(ask(router, Verb::get, "/x/1"), "reads: /x/{a} a=1");
    EXPECT_EQ(ask(router, Verb::post, "/x/1"), "writes: /x/{b} b=1");
    EXPECT_EQ(ask(router, Verb::put, "/x/1"), "reads: 405 GET, HEAD, POST");
}

TEST(Router, overlaps_and_broken_paths_stop_the_start) {
    const auto refused = [](const std::vector<Room>& rooms) {
        try {
            const Router router(rooms);
            return std::string();
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
    };
    EXPECT_EQ(refused({room("a", {route(Verb::get, "/x")}), room("b", {route(Verb::get, "/x")})}),
              "two routes answer GET /x on one listener: of a and of b");
    EXPECT_EQ(
        refused({room("a", {route(Verb::get, "/x/{i}")}), room("b", {route(Verb::get, "/x/y")})}),
        "routes overlap on one listener: /x/{i} of a and /x/y of b");
    EXPECT_EQ(
        refused({room("a", {route(Verb::get, "/", true)}), room("b", {route(Verb::post, "/")})}),
        "two routes answer POST / on one listener: of a and of b");
    EXPECT_EQ(refused({room("a", {route(Verb::get, "x")})}),
              "route path 'x' must begin with a slash");
    EXPECT_EQ(refused({room("a", {route(Verb::get, "/{x:float}")})}),
              "route path '/{x:float}' has a wrong parameter");
    EXPECT_EQ(refused({room("a", {route(Verb::get, "/x/{n:integer}")}),
                       room("b", {route(Verb::get, "/x/y")})}),
              "");
}

}  // namespace
}  // namespace souk::http
