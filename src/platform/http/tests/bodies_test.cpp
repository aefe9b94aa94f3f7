// Bodies that come later than their head: for whom they are read, how much of them is held, and
// what they keep from others.
#include "platform/http/tests/running_server.h"
#include "platform/testing/comes_true.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

namespace souk::http {
namespace {

using testing::comes_true;

std::string head(const std::string& path, std::size_t length, const std::string& headers = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n" +
           "Content-Length: " + std::to_string(length) + "\r\n" + headers + "\r\n";
}

const std::string expecting = "Expect: 100-continue\r\n";
const std::string good = "Authorization: Bearer good\r\n";
const std::string bad = "Authorization: Bearer bad\r\n";
const std::string get_hello = "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n";
const std::string get_hold = "GET /hold HTTP/1.1\r\nHost: t\r\n\r\n";

bool is(const std::string& answer, int status) {
    return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

// Who has sent half a body that the server is certainly waiting for.
class Slow {
public:
    explicit Slow(std::uint16_t port) : client_(port) {
        client_.send(head("/echo", 2, expecting));
        EXPECT_TRUE(is(client_.receive(), 100));
        client_.send("o");
    }
    std::string finish() {
        client_.send("k");
        return client_.receive();
    }

private:
    RawClient client_;
};

}  // namespace

TEST(Bodies, who_is_not_let_in_is_told_so_instead_of_to_go_on) {
    RunningServer server;
    RawClient client(server.port);
    client.send(head("/own", 2, expecting + bad));
    EXPECT_TRUE(is(client.receive_until_end(), 401));

    RawClient another(server.port);
    another.send(head("/own", 2, expecting + good));
    EXPECT_TRUE(is(another.receive(), 100));
    another.send("{}");
    EXPECT_TRUE(another.receive().ends_with("\r\n\r\ngood: {}"));
    EXPECT_EQ(server.asked_who(), 2);
}

TEST(Bodies, a_caller_is_known_before_the_body_is_there_and_asked_for_once) {
    RunningServer server;
    RawClient client(server.port);
    client.send(head("/own", 2, good) + "{");
    EXPECT_TRUE(comes_true([&] { return server.asked_who() == 1; }));
    client.send("}" + get_hello);
    EXPECT_TRUE(client.receive().ends_with("\r\n\r\ngood: {}"));
    EXPECT_TRUE(is(client.receive(), 200));
    EXPECT_EQ(server.asked_who(), 1);

    client.send(head("/own", 2) + "{}");
    EXPECT_TRUE(is(client.receive(), 401)) << "the caller before is forgotten";
    client.send(head("/own", 2, good) + "{}");
    EXPECT_TRUE(client.receive().ends_with("\r\n\r\ngood: {}"));
    EXPECT_EQ(server.asked_who(), 3);
}

TEST(Bodies, of_those_who_are_not_let_in_are_read_and_forgotten) {
    RunningServer server;
    RawClient client(server.port);
    client.send(head("/own", 90'000, bad) + std::string(80'000, ' '));
    EXPECT_TRUE(comes_true([&] { return server.asked_who() == 1; }));
    client.send(std::string(10'000, ' ') + get_hello);
    EXPECT_TRUE(is(client.receive(), 401));
    EXPECT_TRUE(is(client.receive(), 200));

    client.send("POST /own HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n" + bad +
                "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n");
    EXPECT_TRUE(comes_true([&] { return server.asked_who() == 2; }));
    client.send("0\r\n\r\n" + get_hello);
    EXPECT_TRUE(is(client.receive(), 401));
    EXPECT_TRUE(is(client.receive(), 200));
}

TEST(Bodies, what_the_head_alone_is_refused_for_comes_before_the_caller) {
    RunningServer server;
    RawClient client(server.port);
    client.send("POST /own HTTP/1.1\r\nHost: t\r\nContent-Type: text/plain\r\n" + bad +
                "Content-Length: 2\r\n\r\n{");
    client.send("}");
    EXPECT_TRUE(is(client.receive(), 415));
    client.send(head("/own", 100'001, bad));
    EXPECT_TRUE(is(client.receive_until_end(), 413));
    EXPECT_EQ(server.asked_who(), 0);
}

TEST(Bodies, while_callers_cannot_be_told_nobodys_is_read) {
    RunningServer server;
    RawClient client(server.port);
    client.send(head("/own", 2, expecting + "Authorization: Bearer down\r\n"));
    EXPECT_TRUE(is(client.receive_until_end(), 503));
}

TEST(Bodies, that_are_slow_take_no_place_from_others) {
    ServerLimits limits;
    limits.in_flight_max = 1;
    RunningServer server(limits);
    std::deque<Slow> slow;
    for (int i = 0; i < 20; ++i) slow.emplace_back(server.port);

    RawClient fast(server.port);
    for (int i = 0; i < 20; ++i) {
        fast.send(get_hello);
        ASSERT_TRUE(is(fast.receive(), 200));
    }
    for (Slow& each : slow) EXPECT_TRUE(each.finish().ends_with("\r\n\r\nok"));
    EXPECT_TRUE(comes_true([&] {
        return server.metrics().find("souk_http_requests_in_flight 0") != std::string::npos;
    }));
}

TEST(Bodies, that_are_here_find_a_place_or_are_refused) {
    ServerLimits limits;
    limits.in_flight_max = 1;
    RunningServer server(limits);
    Slow slow(server.port);
    RawClient busy(server.port);
    busy.send(get_hold);
    EXPECT_TRUE(comes_true([&] { return server.held() == 1; }));

    EXPECT_TRUE(is(slow.finish(), 503));
    server.let_go();
    EXPECT_TRUE(is(busy.receive(), 200));
}

TEST(Bodies, that_are_long_share_so_much_memory_and_small_ones_come_in_all_the_same) {
    constexpr std::size_t clients = 16;
    constexpr std::size_t fit_max = 12;  // 90,000 bytes each without 8 KiB, in one MiB
    const std::string most(90'000, 'b');
    const std::string rest(10'000, 'c');
    ServerLimits limits;
    limits.bodies_mib_max = 1;
    RunningServer server(limits);
    const auto reports = [&](const std::string& line) {
        return server.metrics().find(line) != std::string::npos;
    };

    std::deque<RawClient> crowd;
    for (std::size_t i = 0; i < clients; ++i) {
        crowd.emplace_back(server.port);
        crowd.back().send(head("/echo", most.size() + rest.size()));
        crowd.back().try_send(most);
    }
    EXPECT_TRUE(comes_true([&] { return server.failures_of("/echo") >= clients - fit_max; }));
    EXPECT_TRUE(Slow(server.port).finish().ends_with("\r\n\r\nok"));

    std::size_t refused = 0;
    for (RawClient& each : crowd) {
        each.try_send(rest);
        const std::string answer = each.receive();
        if (is(answer, 503)) {
            ++refused;
            EXPECT_NE(answer.find("connection: close\r\n"), std::string::npos);
        } else {
            EXPECT_TRUE(answer.ends_with("\r\n\r\n" + most + rest)) << answer.substr(0, 200);
        }
    }
    EXPECT_GE(refused, clients - fit_max);
    EXPECT_LT(refused, clients);
    EXPECT_TRUE(comes_true([&] { return reports("souk_http_body_bytes 0"); }));
}

TEST(Bodies, that_nobody_asked_for_are_forgotten_and_take_no_memory_from_others) {
    const std::string most(900'000, 'b');
    const std::string rest(100'000, 'c');
    ServerLimits limits;
    limits.bodies_mib_max = 1;
    RunningServer server(limits);
    RawClient one(server.port);
    RawClient two(server.port);
    for (RawClient* each : {&one, &two}) {
        each->send("OPTIONS * HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n");
        each->try_send(most);
    }
    for (RawClient* each : {&one, &two}) {
        each->try_send(rest + get_hello);
        EXPECT_TRUE(is(each->receive(), 204));
        EXPECT_TRUE(is(each->receive(), 200));
    }

    one.send("OPTIONS * HTTP/1.1\r\nHost: t\r\nContent-Length: 1048577\r\n\r\n");
    EXPECT_TRUE(is(one.receive_until_end(), 204)) << "too long even to be forgotten";
}

}  // namespace souk::http
