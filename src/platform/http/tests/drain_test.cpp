// Whether every handler has ended: who uses what a handler uses must know before destroying it.
#include "platform/http/tests/running_server.h"
#include "platform/testing/comes_true.h"

#include <gtest/gtest.h>

#include <chrono>

namespace souk::http {
namespace {

using namespace std::chrono_literals;

const std::string get_hold = "GET /hold HTTP/1.1\r\nHost: t\r\n\r\n";

TEST(Drain, says_that_a_handler_has_not_ended_though_its_client_is_cut_off) {
    RunningServer server;
    RawClient client(server.port);
    client.send(get_hold);
    ASSERT_TRUE(testing::comes_true([&] { return server.held() == 1; }));

    EXPECT_FALSE(server.drain(50ms));
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.finished(), 0);

    server.let_go();
    EXPECT_TRUE(server.drain(10s)) << "it has ended meanwhile";
    EXPECT_EQ(server.finished(), 1);
}

TEST(Drain, says_that_all_have_ended_when_the_last_one_has) {
    RunningServer server;
    RawClient client(server.port);
    client.send(get_hold);
    ASSERT_TRUE(testing::comes_true([&] { return server.held() == 1; }));
    server.let_go();

    EXPECT_TRUE(server.drain(10s));
    EXPECT_EQ(server.finished(), 1);
}

TEST(Drain, says_so_of_clients_who_ask_nothing) {
    RunningServer server;
    RawClient client(server.port);
    client.send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    client.receive();

    EXPECT_TRUE(server.drain(10s));
}

}  // namespace
}  // namespace souk::http
