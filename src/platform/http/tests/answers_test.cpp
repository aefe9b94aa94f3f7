// The bytes of answers, CORS, client addresses, media types, and the description.
#include "platform/http/client_address.h"
#include "platform/http/cors.h"
#include "platform/http/media_type.h"
#include "platform/http/openapi.h"
#include "platform/http/serializer.h"
#include "platform/testing/client.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::http {
namespace {

std::string head_of(const Response& response, Framing framing = {}) {
    Buffer out;
    framing.date = "D";
    write_head(out, response, framing);
    return std::string(out.view());
}

TEST(Serializer, writes_each_kind_of_answer) {
    Response answer;
    answer.content_type = json_type;
    answer.body = "{}";
    EXPECT_EQ(head_of(answer),
              "HTTP/1.1 200 OK\r\ndate: D\r\ncontent-type: application/json; charset=utf-8\r\n"
              "content-length: 2\r\n\r\n");
    Response redirect;
    redirect.status = 302;
    redirect.with("location", "http://localhost:4000");
    EXPECT_EQ(head_of(redirect),
              "HTTP/1.1 302 Found\r\ndate: D\r\ncontent-length: 0\r\n"
              "location: http://localhost:4000\r\n\r\n");
    Response empty;
    empty.status = 204;
    EXPECT_EQ(head_of(empty, {.close = true}),
              "HTTP/1.1 204 No Content\r\ndate: D\r\nconnection: close\r\n\r\n");
    Response refused;
    refused.status = 405;
    EXPECT_EQ(head_of(refused, {.allow = "GET", .version_1_0 = true}),
              "HTTP/1.1 405 Method Not Allowed\r\ndate: D\r\ncontent-length: 0\r\n"
              "connection: keep-alive\r\nallow: GET\r\n\r\n");
}

// RFC 9110, 7.8: who sends Upgrade names it in Connection; one line holds all that stands there.
TEST(Serializer, connection_is_one_line_whatever_it_says) {
    Response refused;
    refused.status = 426;
    refused.upgrades = true;
    const auto line = [&](Framing framing) {
        const std::string head = head_of(refused, framing);
        const std::size_t begin = head.find("connection:");
        EXPECT_EQ(head.find("connection:", begin + 1), std::string::npos);
        return head.substr(begin, head.find("\r\n", begin) - begin);
    };
    EXPECT_EQ(line({}), "connection: Upgrade");
    EXPECT_EQ(line({.close = true}), "connection: close, Upgrade");
    EXPECT_EQ(line({.close = true, .version_1_0 = true}), "connection: close, Upgrade");
    EXPECT_EQ(line({.version_1_0 = true}), "connection: keep-alive, Upgrade");
}

TEST(Serializer, a_value_cannot_end_its_line) {
    Response answer;
    answer.with("x", "a\r\nset-cookie: b");
    EXPECT_NE(head_of(answer).find("x: a  set-cookie: b\r\n"), std::string::npos);
}

TEST(Serializer, dates_are_written_as_http_wants_them) {
    EXPECT_EQ(date_text(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(date_text(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

std::string joined(const CorsHeaders& headers) {
    std::string text;
    for (const Header& header : headers) {
        text += std::string(header.name) + "=" + std::string(header.value) + ";";
    }
    return text;
}

TEST(Cors, names_only_origins_on_the_list) {
    Room room;
    EXPECT_EQ(joined(cors_headers(room, nullptr, "http://a")), "");
    room.cors.origins = {"http://a", "http://b"};
    room.cors.exposed_headers = "x-order-id";
    EXPECT_EQ(joined(cors_headers(room, nullptr, "http://b")),
              "Vary=Origin;Access-Control-Allow-Origin=http://"
              "b;Access-Control-Expose-Headers=x-order-id;");
    EXPECT_EQ(joined(cors_headers(room, nullptr, "http://evil")), "Vary=Origin;");
    EXPECT_EQ(joined(cors_headers(room, nullptr, "")), "Vary=Origin;");
    room.cors.origins = {"*"};
    EXPECT_EQ(joined(cors_headers(room, nullptr, "")),
              "Access-Control-Allow-Origin=*;Access-Control-Expose-Headers=x-order-id;");
    room.cors.credentials = true;
    room.cors.exposed_headers.clear();
    EXPECT_EQ(
        joined(cors_headers(room, nullptr, "http://a")),
        "Vary=Origin;Access-Control-Allow-Origin=http://a;Access-Control-Allow-Credentials=true;");
    Route open{};
    open.cors_open = true;
    EXPECT_EQ(joined(cors_headers(Room{}, &open, "")), "Access-Control-Allow-Origin=*;");
}

TEST(ClientAddress, reads_and_writes_both_families) {
    for (const std::string text : {"127.0.0.1", "::1", "2001:db8::7", "255.255.255.255"}) {
        EXPECT_EQ(to_string(parse_address(text).value()), text);
    }
    EXPECT_EQ(to_string(parse_address("::ffff:10.1.2.3").value()), "10.1.2.3");
    for (const std::string_view text : {"", "1.2.3", "1.2.3.4.5", "host", "1.2.3.4/8", ":::"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
}

TEST(ClientAddress, the_rightmost_untrusted_entry_counts) {
    const TrustedProxies proxies({"10.0.0.0/8", "2001:db8::/33", "192.0.2.1"});
    const auto client = [&](std::string_view peer, std::vector<Header> headers) {
        const bool trusted = proxies.contains(parse_address(peer).value());
        return std::string(proxies.client(peer, trusted, headers));
    };
    EXPECT_EQ(client("203.0.113.1",
                     {
                         {"X-Forwarded-For", "1.1.1.1"}
    }),
              "203.0.113.1");
    EXPECT_EQ(client("10.9.9.9",
                     {
                         {"X-Forwarded-For", "1.1.1.1, 2.2.2.2"}
    }),
              "2.2.2.2");
    EXPECT_EQ(client("10.9.9.9",
                     {
                         {"X-Forwarded-For", "1.1.1.1, 10.0.0.1"}
    }),
              "1.1.1.1");
    EXPECT_EQ(client("10.9.9.9",
                     {
                         {"x-forwarded-for", "1.1.1.1" },
                         {"x-forwarded-for", "10.1.1.1"}
    }),
              "1.1.1.1");
    EXPECT_EQ(client("10.9.9.9",
                     {
                         {"x-forwarded-for", "1.1.1.1, nonsense, 10.1.1.1"}
    }),
              "10.1.1.1");
    EXPECT_EQ(client("10.9.9.9",
                     {
                         {"x-forwarded-for", "[2001:db9::1]:80"}
    }),
              "2001:db9::1");
    EXPECT_EQ(client("2001:db8:7fff::1",
                     {
                         {"x-forwarded-for", "8.8.8.8:1"}
    }),
              "8.8.8.8");
    EXPECT_EQ(client("2001:db8:8000::1",
                     {
                         {"x-forwarded-for", "8.8.8.8"}
    }),
              "2001:db8:8000::1");
    EXPECT_EQ(client("192.0.2.1", {}), "192.0.2.1");
    EXPECT_TRUE(TrustedProxies({}).contains(parse_address("::ffff:127.9.9.9").value()));
    EXPECT_THROW(TrustedProxies({"10.0.0.0/33"}), std::runtime_error);
    EXPECT_THROW(TrustedProxies({"everyone"}), std::runtime_error);
}

TEST(MediaType, only_json_is_json) {
    for (const std::string_view type :
         {"application/json", "Application/JSON ; charset=utf-8", "application/ld+json"}) {
        EXPECT_TRUE(is_json(type)) << type;
    }
    for (const std::string_view type :
         {"", "text/json", "application/jsonp", "+json", "text/plain"}) {
        EXPECT_FALSE(is_json(type)) << type;
    }
}

core::Task<core::Result<Response>> greet(const Request& request) {
    Response answer;
    answer.content_type = text_type;
    answer.body = request.keep(std::string(request.path_parameter("name")) + " " +
                               std::string(request.query_parameter("a b").value_or("-")) + " " +
                               request.caller.id);
    co_return answer;
}

core::Task<core::Result<>> authenticate(Request& request, Auth) {
    if (request.header("authorization") != "Bearer x") {
        co_return core::Error{core::Fault::unauthorized, "no", "no"};
    }
    request.caller.id = "me";
    co_return core::Result<>();
}

Room greeting_room() {
    Room room;
    room.service = "greet";
    Route row{};
    row.verb = Verb::get;
    row.path = "/greet/{name}";
    row.auth = Auth::user;
    row.handler = greet;
    row.summary = "Greets";
    row.query = {
        {"a b", "string", "anything"}
    };
    row.answers = {
        {200, "the greeting", nullptr, "text/plain"},
        {401, "no"}
    };
    room.routes.push_back(row);
    room.authenticate = authenticate;
    room.cors.origins = {"http://a"};
    room.render_error = [](const core::Error& error, const Request&) {
        Response answer;
        answer.status = error.fault == core::Fault::unauthorized         ? 401
                        : error.fault == core::Fault::method_not_allowed ? 405
                                                                         : 404;
        return answer;
    };
    return room;
}

TEST(Cors, the_servers_own_origin_names_the_host_that_was_asked) {
    const auto is_own = [](std::string_view origin, std::string_view host) {
        const Header header{"Host", host};
        Request request;
        request.headers = {&header, 1};
        return is_own_origin(origin, request);
    };
    EXPECT_TRUE(is_own("http://localhost:9090", "localhost:9090"));
    EXPECT_TRUE(is_own("https://Shop.example", "shop.example"));
    for (const std::string_view foreign :
         {"", "null", "localhost:9090", "http://localhost", "http://localhost:1",
          "http://localhost:9090.evil.example", "http://evil.example/localhost:9090",
          "evil://localhost:9090", "://localhost:9090", "http:/"}) {
        EXPECT_FALSE(is_own(foreign, "localhost:9090")) << foreign;
    }
    EXPECT_FALSE(is_own("http://", ""));
}

TEST(TestClient, asks_a_room_as_the_server_would) {
    TestClient client(greeting_room());
    EXPECT_EQ(client.get("/greet/you").status, 401);
    const TestClient::Answer answer =
        client.get("/greet/you%20all?x=1&a+b=1%262",
                   {
                       {"Authorization", "Bearer x"},
                       {"Origin",        "http://a"}
    });
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "you all 1&2 me");
    EXPECT_EQ(answer.header("access-control-allow-origin"), "http://a");
    EXPECT_EQ(client.get("/other").status, 404);
    EXPECT_EQ(client.post("/greet/you", "{}").header("Allow"), "GET, HEAD");
}

TEST(TestClient, preflights_say_what_is_allowed) {
    TestClient client(greeting_room());
    const TestClient::Answer answer = client.send({
        Verb::options,
        "/greet/you",
        {},
        {{"Origin", "http://a"}, {"Access-Control-Request-Method", "GET"}}
    });
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("access-control-allow-methods"), "GET, HEAD");
    EXPECT_EQ(answer.header("access-control-max-age"), "600");
    const TestClient::Answer stranger = client.send({
        Verb::options,
        "/greet/you",
        {},
        {{"Origin", "http://b"}, {"Access-Control-Request-Method", "GET"}}
    });
    EXPECT_EQ(stranger.status, 204);
    EXPECT_EQ(stranger.header("access-control-allow-origin"), "");
}

TEST(TestClient, an_outspoken_room_says_ok_to_preflights_or_what_it_does_not_allow) {
    Room room = greeting_room();
    room.cors.credentials = true;
    room.cors.outspoken_methods = "GET, PUT";
    TestClient client(std::move(room));
    const auto ask = [&](const std::string& path, const std::string& origin,
                         const std::string& method) {
        return client.send({
            Verb::options,
            path,
            {},
            {{"Origin", origin},
              {"Access-Control-Request-Method", method},
              {"Access-Control-Request-Headers", "x-a, x-b"}}
        });
    };
    for (const std::string path : {"/greet/you", "/unknown"}) {
        const TestClient::Answer fine = ask(path, "http://a", "PUT");
        EXPECT_EQ(fine.status, 200);
        EXPECT_EQ(fine.body, "OK");
        EXPECT_EQ(fine.header("access-control-allow-methods"), "GET, PUT");
        EXPECT_EQ(fine.header("access-control-allow-headers"), "x-a, x-b");
        EXPECT_EQ(fine.header("access-control-allow-origin"), "http://a");
    }
    for (const auto& [origin, method, said] : std::vector<std::array<std::string, 3>>{
             {"http://b", "GET",  "Disallowed CORS origin"        },
             {"http://a", "BREW", "Disallowed CORS method"        },
             {"http://b", "BREW", "Disallowed CORS origin, method"}
    }) {
        const TestClient::Answer refused = ask("/greet/you", origin, method);
        EXPECT_EQ(refused.status, 400);
        EXPECT_EQ(refused.body, said);
        EXPECT_EQ(refused.header("access-control-allow-origin"), "");
        EXPECT_EQ(refused.header("vary"), "Origin");
    }
}

TEST(MediaType, a_body_may_be_judged_by_its_handler) {
    const Body late{.expected = true, .required = true, .is_judged_late = true};
    EXPECT_FALSE(check_media_type(late, {std::string_view(), false}));
    EXPECT_FALSE(check_media_type(late, {"application/json", true}));
    EXPECT_FALSE(check_media_type(late, {"application/json", false}));
    EXPECT_TRUE(check_media_type(late, {"text/plain", false}));
}

TEST(OpenApi, comes_from_the_table) {
    const Room room = greeting_room();
    const boost::json::value document =
        boost::json::parse(openapi({"Greeting", "1", "Says hello"}, {&room}));
    EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
    const boost::json::value& get = document.at("paths").at("/greet/{name}").at("get");
    EXPECT_EQ(get.at("parameters").as_array().size(), 2U);
    EXPECT_EQ(get.at("responses").at("200").at("description").as_string(), "the greeting");
    EXPECT_TRUE(get.at("responses").at("200").at("content").as_object().contains("text/plain"));
    EXPECT_TRUE(document.at("components").as_object().contains("securitySchemes"));
}

}  // namespace
}  // namespace souk::http
