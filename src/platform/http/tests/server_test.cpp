#include "platform/http/server.h"

#include "platform/http/tests/running_server.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace souk::http {
namespace {

using ::testing::Test;

std::string get(const std::string& path, const std::string& headers = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: t\r\n" + headers + "\r\n";
}

std::string post(const std::string& path, const std::string& body,
                 const std::string& headers = "") {
    return "POST " + path +
           " HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
}

int status_of(const std::string& answer) { return std::stoi(answer.substr(9, 3)); }

std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Server, answers_again_and_again_on_one_connection) {
    RunningServer server;
    RawClient client(server.port);
    for (int i = 0; i < 100; ++i) {
        client.send(get("/hello"));
        const std::string answer = client.receive();
        ASSERT_EQ(status_of(answer), 200);
        ASSERT_EQ(body_of(answer), "hello");
    }
}

TEST(Server, pipelined_requests_are_answered_in_order) {
    RunningServer server;
    RawClient client(server.port);
    std::string requests;
    for (int i = 0; i < 5'000; ++i) requests += get("/items/" + std::to_string(i));
    std::thread sender([&] { client.send(requests); });
    for (int i = 0; i < 5'000; ++i) ASSERT_EQ(body_of(client.receive()), std::to_string(i));
    sender.join();
}

TEST(Server, a_body_arrives_whole_however_it_is_cut) {
    RunningServer server;
    const std::string request = post("/echo", "some body") + get("/hello");
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        RawClient client(server.port);
        client.send(request.substr(0, cut));
        client.send(request.substr(cut));
        ASSERT_EQ(body_of(client.receive()), "some body") << "cut at " << cut;
        ASSERT_EQ(body_of(client.receive()), "hello") << "cut at " << cut;
    }
}

TEST(Server, chunks_are_joined_and_the_next_request_follows) {
    RunningServer server;
    const std::string request =
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n" +
        get("/hello");
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        RawClient client(server.port);
        client.send(request.substr(0, cut));
        client.send(request.substr(cut));
        ASSERT_EQ(body_of(client.receive()), "hello world") << "cut at " << cut;
        ASSERT_EQ(body_of(client.receive()), "hello") << "cut at " << cut;
    }
}

TEST(Server, a_long_body_is_collected) {
    RunningServer server;
    RawClient client(server.port);
    const std::string body(100'000, 'b');
    client.send(post("/echo", body));
    EXPECT_EQ(body_of(client.receive()), body);
    client.send(get("/hello"));
    EXPECT_EQ(body_of(client.receive()), "hello");
}

TEST(Server, too_large_bodies_are_refused_before_and_while_reading) {
    RunningServer server;
    RawClient sized(server.port);
    sized.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100001\r\n\r\nabc");
    const std::string first = sized.receive_until_end();
    EXPECT_EQ(status_of(first), 413);
    EXPECT_TRUE(has(first, "connection: close"));

    RawClient chunked(server.port);
    chunked.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n186A1\r\n");
    EXPECT_EQ(status_of(chunked.receive_until_end()), 413);
}

TEST(Server, the_table_decides_404_405_415_and_400) {
    RunningServer server;
    RawClient client(server.port);
    client.send(post("/absent", "body"));
    EXPECT_EQ(status_of(client.receive()), 404);
    client.send(post("/hello", "body"));
    const std::string not_allowed = client.receive();
    EXPECT_EQ(status_of(not_allowed), 405);
    EXPECT_TRUE(has(not_allowed, "allow: GET, HEAD\r\n"));
    client.send(post("/json", "{}"));
    EXPECT_EQ(status_of(client.receive()), 415);
    client.send(post("/json", "{}", "Content-Type: text/plain\r\n"));
    EXPECT_EQ(status_of(client.receive()), 415);
    client.send(post("/json", "", "Content-Type: application/json\r\n"));
    EXPECT_EQ(status_of(client.receive()), 400);
    client.send(post("/json", ""));
    EXPECT_EQ(status_of(client.receive()), 200);
    client.send(post("/json", "{}", "Content-Type: application/json; charset=utf-8\r\n"));
    EXPECT_EQ(body_of(client.receive()), "{}");
    client.send(get("/items/seven"));
    EXPECT_EQ(status_of(client.receive()), 404);
    client.send(get("/fails"));
    EXPECT_EQ(status_of(client.receive()), 500);
    client.send(get("/down"));
    EXPECT_EQ(status_of(client.receive()), 503);
}

TEST(Server, a_body_for_no_route_is_read_and_forgotten) {
    RunningServer server;
    RawClient client(server.port);
    client.send("OPTIONS * HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("3\r\nabc\r\n0\r\n\r\n" + get("/hello"));
    EXPECT_EQ(status_of(client.receive()), 204);
    EXPECT_EQ(body_of(client.receive()), "hello");
}

TEST(Server, a_slash_too_many_is_redirected_where_the_room_wants_it) {
    RunningServer server;
    RawClient client(server.port);
    client.send(post("/echo/?a=b", "some body") + get("/hello/") + get("/unknown/"));
    const std::string echo = client.receive();
    EXPECT_EQ(status_of(echo), 307);
    EXPECT_TRUE(has(echo, "\r\nLocation: /echo?a=b\r\n")) << echo;
    EXPECT_EQ(status_of(client.receive()), 307);
    EXPECT_EQ(status_of(client.receive()), 404);
}

TEST(Server, head_and_204_have_no_body) {
    RunningServer server;
    RawClient client(server.port);
    client.send("HEAD /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    const std::string head = client.receive(true);
    EXPECT_EQ(status_of(head), 200);
    EXPECT_TRUE(has(head, "content-length: 5\r\n"));
    client.send("DELETE /nothing HTTP/1.1\r\nHost: t\r\n\r\n");
    const std::string nothing = client.receive();
    EXPECT_EQ(status_of(nothing), 204);
    EXPECT_FALSE(has(nothing, "content-length"));
    client.send(get("/hello"));
    EXPECT_EQ(body_of(client.receive()), "hello");
}

TEST(Server, expect_100_continue_is_answered_before_the_body) {
    RunningServer server;
    RawClient client(server.port);
    client.send(
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    EXPECT_EQ(body_of(client.receive()), "ok");
    client.send(post("/echo", "x", "Expect: coffee\r\n"));
    EXPECT_EQ(status_of(client.receive()), 417);

    client.send(
        "POST /absent HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(status_of(client.receive_until_end()), 404);
}

TEST(Server, versions_and_connection_headers_are_honoured) {
    RunningServer server;
    RawClient old(server.port);
    old.send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(has(old.receive_until_end(), "connection: close\r\n"));

    RawClient kept(server.port);
    kept.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(has(kept.receive(), "connection: keep-alive\r\n"));
    kept.send(get("/hello", "Connection: close\r\n"));
    EXPECT_TRUE(has(kept.receive_until_end(), "connection: close\r\n"));
}

TEST(Server, broken_http_is_answered_and_ended) {
    RunningServer server;
    for (const std::string_view bytes :
         {"GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\nHost: t\n\n", "NONSENSE\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nTransfer-Encoding: "
          "chunked\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
        RawClient client(server.port);
        client.send(bytes);
        const std::string answer = client.receive_until_end();
        ASSERT_EQ(status_of(answer), 400) << bytes;
        ASSERT_TRUE(has(answer, "connection: close\r\n"));
    }
    RawClient long_target(server.port);
    long_target.send(get("/" + std::string(9'000, 'a')));
    EXPECT_EQ(status_of(long_target.receive_until_end()), 414);
    RawClient long_header(server.port);
    long_header.send(get("/hello", "X: " + std::string(20'000, 'a') + "\r\n"));
    EXPECT_EQ(status_of(long_header.receive_until_end()), 431);
}

TEST(Server, the_peer_is_named_unless_a_trusted_proxy_speaks_for_another) {
    RunningServer server;
    RawClient client(server.port);
    client.send(get("/who"));
    EXPECT_EQ(body_of(client.receive()), "127.0.0.1");
    client.send(get("/who", "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n"));
    EXPECT_EQ(body_of(client.receive()), "198.51.100.7");
}

}  // namespace
}  // namespace souk::http
