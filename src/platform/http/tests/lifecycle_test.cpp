// Deadlines, limits, clients that vanish, and the end of the server.
#include "platform/http/tests/running_server.h"
#include "platform/testing/comes_true.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace souk::http {
namespace {

const std::string get_hold = "GET /hold HTTP/1.1\r\nHost: t\r\n\r\n";
const std::string get_hello = "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n";

ServerLimits one_second() {
    ServerLimits limits;
    limits.header_seconds = limits.body_seconds = limits.idle_seconds = limits.write_seconds = 1;
    return limits;
}

bool starts(const std::string& text, std::string_view part) { return text.starts_with(part); }

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Lifecycle, a_header_that_does_not_end_is_answered_408) {
    RunningServer server(one_second());
    RawClient client(server.port);
    client.send("GET /hello HTTP/1.1\r\nHost:");
    const std::string answer = client.receive_until_end();
    EXPECT_TRUE(starts(answer, "HTTP/1.1 408 Request Timeout\r\n"));
    EXPECT_TRUE(has(answer, "connection: close\r\n"));
}

TEST(Lifecycle, bytes_that_trickle_do_not_move_the_deadline) {
    RunningServer server(one_second());
    RawClient client(server.port);
    client.send("GET /hello HTTP/1.1\r\nX: ");
    std::atomic<bool> over = false;
    std::thread trickle([&] {
        while (!over) {
            if (!client.try_send("a")) return;
            std::this_thread::yield();
        }
    });
    const std::string answer = client.receive_until_end();
    over = true;
    trickle.join();
    // So much may trickle in before the second is over that the header is too large.
    EXPECT_TRUE(starts(answer, "HTTP/1.1 408") || starts(answer, "HTTP/1.1 431")) << answer;
}

TEST(Lifecycle, bodies_that_do_not_come_are_answered_408) {
    RunningServer server(one_second());
    RawClient sized(server.port);
    sized.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
    RawClient chunked(server.port);
    chunked.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
    EXPECT_TRUE(starts(sized.receive_until_end(), "HTTP/1.1 408"));
    EXPECT_TRUE(starts(chunked.receive_until_end(), "HTTP/1.1 408"));
}

TEST(Lifecycle, idle_connections_end_without_a_word) {
    RunningServer server(one_second());
    RawClient silent(server.port);
    RawClient served(server.port);
    served.send(get_hello);
    EXPECT_TRUE(starts(served.receive(), "HTTP/1.1 200"));
    EXPECT_TRUE(silent.ended());
    EXPECT_TRUE(served.ended());
}

TEST(Lifecycle, a_client_that_does_not_read_is_cut_off) {
    RunningServer server(one_second());
    RawClient client(server.port);
    client.send("GET /large HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_TRUE(
        testing::comes_true([&] { return has(server.metrics(), "souk_http_connections 1"); }));
    EXPECT_TRUE(
        testing::comes_true([&] { return has(server.metrics(), "souk_http_connections 0"); }));
}

TEST(Lifecycle, a_long_answer_arrives_whole) {
    RunningServer server;
    RawClient client(server.port);
    client.send("GET /large HTTP/1.1\r\nHost: t\r\n\r\n" + get_hello);
    EXPECT_EQ(client.receive().substr(client.last_head_size()), std::string(8'000'000, 'x'));
    EXPECT_TRUE(has(client.receive(), "hello"));
}

TEST(Lifecycle, a_handler_whose_client_vanishes_runs_to_its_end) {
    RunningServer server;
    {
        RawClient client(server.port);
        client.send(get_hold);
        EXPECT_TRUE(testing::comes_true([&] { return server.held() == 1; }));
        client.reset();
    }
    server.let_go();
    EXPECT_TRUE(testing::comes_true([&] { return server.finished() == 1; }));
    EXPECT_TRUE(
        testing::comes_true([&] { return has(server.metrics(), "souk_http_connections 0"); }));
    EXPECT_TRUE(has(server.metrics(), "souk_http_requests_in_flight 0"));
}

TEST(Lifecycle, a_client_may_stop_sending_before_it_reads) {
    RunningServer server;
    RawClient client(server.port);
    client.send(get_hold);
    client.finish_sending();
    EXPECT_TRUE(testing::comes_true([&] { return server.held() == 1; }));
    server.let_go();
    EXPECT_TRUE(starts(client.receive_until_end(), "HTTP/1.1 200"));
}

TEST(Lifecycle, more_requests_in_flight_than_allowed_are_refused) {
    ServerLimits limits;
    limits.in_flight_max = 1;
    RunningServer server(limits);
    RawClient first(server.port);
    first.send(get_hold);
    EXPECT_TRUE(testing::comes_true([&] { return server.held() == 1; }));
    RawClient second(server.port);
    second.send(get_hello);
    EXPECT_TRUE(starts(second.receive(), "HTTP/1.1 503"));
    server.let_go();
    EXPECT_TRUE(starts(first.receive(), "HTTP/1.1 200"));
    second.send(get_hello);
    EXPECT_TRUE(starts(second.receive(), "HTTP/1.1 200"));
}

TEST(Lifecycle, more_connections_than_allowed_get_one_refusal) {
    ServerLimits limits;
    limits.connections_max = 1;
    RunningServer server(limits);
    RawClient first(server.port);
    first.send(get_hello);
    EXPECT_TRUE(starts(first.receive(), "HTTP/1.1 200"));
    RawClient second(server.port);
    second.send(get_hello);
    EXPECT_TRUE(starts(second.receive_until_end(), "HTTP/1.1 503"));
    first.send(get_hello);
    EXPECT_TRUE(starts(first.receive(), "HTTP/1.1 200"));
}

TEST(Lifecycle, a_listener_with_a_capacity_of_its_own_is_not_crowded_by_the_others_connections) {
    ServerLimits limits;
    limits.connections_max = 1;
    RunningServer server(limits);
    const std::uint16_t apart = server.listen_apart({.connections_max = 1, .in_flight_max = 1});
    RawClient first(server.port);
    RawClient first_apart(apart);
    for (RawClient* each : {&first, &first_apart}) {
        each->send(get_hello);
        EXPECT_TRUE(starts(each->receive(), "HTTP/1.1 200"));
    }
    for (const std::uint16_t port : {server.port, apart}) {
        RawClient second(port);
        second.send(get_hello);
        EXPECT_TRUE(starts(second.receive_until_end(), "HTTP/1.1 503"));
    }
    EXPECT_TRUE(
        testing::comes_true([&] { return has(server.metrics(), "souk_http_connections 1"); }));
}

TEST(Lifecycle, a_listener_with_a_capacity_of_its_own_is_not_crowded_by_the_others_requests) {
    ServerLimits limits;
    limits.in_flight_max = 1;
    RunningServer server(limits);
    const std::uint16_t apart = server.listen_apart({.connections_max = 9, .in_flight_max = 1});
    RawClient busy(server.port);
    busy.send(get_hold);
    EXPECT_TRUE(testing::comes_true([&] { return server.held() == 1; }));
    RawClient busy_apart(apart);
    busy_apart.send(get_hold);
    EXPECT_TRUE(testing::comes_true([&] { return server.held() == 2; }));
    for (const std::uint16_t port : {server.port, apart}) {
        RawClient another(port);
        another.send(get_hello);
        EXPECT_TRUE(starts(another.receive(), "HTTP/1.1 503"));
    }
    server.let_go();
    EXPECT_TRUE(starts(busy.receive(), "HTTP/1.1 200"));
    EXPECT_TRUE(starts(busy_apart.receive(), "HTTP/1.1 200"));
}

TEST(Lifecycle, drain_waits_for_listeners_with_a_capacity_of_their_own) {
    RunningServer server;
    RawClient busy(server.listen_apart({.connections_max = 1, .in_flight_max = 1}));
    busy.send(get_hold);
    EXPECT_TRUE(testing::comes_true([&] { return server.held() == 1; }));
    server.let_go();
    server.drain(std::chrono::milliseconds(5'000));
    EXPECT_EQ(server.finished(), 1);
    EXPECT_TRUE(starts(busy.receive(), "HTTP/1.1 200"));
}

TEST(Lifecycle, drain_finishes_what_is_in_flight_and_ends_what_is_idle) {
    RunningServer server;
    RawClient idle(server.port);
    idle.send(get_hello);
    EXPECT_TRUE(starts(idle.receive(), "HTTP/1.1 200"));
    RawClient busy(server.port);
    busy.send(get_hold);
    EXPECT_TRUE(testing::comes_true([&] { return server.held() == 1; }));

    std::thread drain([&] { server.drain(std::chrono::seconds(10)); });
    EXPECT_TRUE(idle.ended());
    server.let_go();
    const std::string answer = busy.receive_until_end();
    drain.join();
    EXPECT_TRUE(starts(answer, "HTTP/1.1 200"));
    EXPECT_TRUE(has(answer, "connection: close\r\n"));
    EXPECT_TRUE(has(server.metrics(), "souk_http_connections 0"));
    EXPECT_THROW(RawClient late(server.port), std::exception);
}

TEST(Lifecycle, drain_answers_what_waits_in_the_accept_queue) {
    RunningServer server;
    for (int round = 0; round < 20; ++round) {
        RawClient client(server.port);
        client.send(get_hello);
        if (round == 19) server.drain(std::chrono::seconds(5));
        EXPECT_TRUE(starts(client.receive(), "HTTP/1.1 200"));
    }
}

TEST(Lifecycle, drain_gives_up_when_its_patience_is_over) {
    RunningServer server;
    RawClient client(server.port);
    client.send(get_hold);
    EXPECT_TRUE(testing::comes_true([&] { return server.held() == 1; }));
    server.drain(std::chrono::milliseconds(50));
    EXPECT_TRUE(client.ended());
    server.let_go();
    EXPECT_TRUE(testing::comes_true([&] { return server.finished() == 1; }));
}

TEST(Lifecycle, a_port_in_use_is_refused_with_a_message) {
    RunningServer first;
    try {
        RunningServer second({}, first.port);
        FAIL() << "the port was shared";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(std::string(error.what()),
                  "port " + std::to_string(first.port) + " is already in use by another program");
    }
}

TEST(Lifecycle, requests_are_counted_by_route_and_class) {
    RunningServer server;
    RawClient client(server.port);
    client.send(get_hello);
    client.receive();
    EXPECT_TRUE(testing::comes_true([&] {
        return has(server.metrics(), R"(route="/hello",service="test",status="2xx"} 1)") ||
               has(server.metrics(),
                   R"(service="test",route="/hello",method="GET",status="2xx"} 1)") ||
               has(server.metrics(),
                   R"(method="GET",route="/hello",service="test",status="2xx"} 1)");
    })) << server.metrics();
}

}  // namespace
}  // namespace souk::http
