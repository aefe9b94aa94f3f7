// Calls while the system gives no more threads: an answer, and the next call works again.
#include "platform/core/error.h"
#include "platform/net/client.h"
#include "platform/net/tests/loop_server.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/refused_threads.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace souk::net {
namespace {

core::Task<> say_hello(Wire& wire) {
    for (;;) {
        co_await wire.read_to("\r\n\r\n");
        co_await wire.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    }
}

// The body, or what the failure says.
core::Task<std::string> outcome_of(Client& client, std::string url) {
    try {
        const Answer answer = co_await client.send({.url = std::move(url)});
        co_return answer.body;
    } catch (const core::Unavailable& failure) {
        co_return failure.what();
    }
}

core::Task<std::string> outcome_of_mail(Client& client, int port) {
    try {
        co_await client.deliver({
            .server = {.host = "127.0.0.1", .port = port, .tls = Tls::none},
            .sender = "shop@shop.example",
            .recipients = {"ann@mail.example"},
            .text = "Subject: x\r\n\r\nx\r\n"
        });
        co_return "taken";
    } catch (const core::Unavailable& failure) {
        co_return failure.what();
    }
}

class RefusedThreads : public ::testing::Test {
protected:
    std::string get(const std::string& host) {
        return loop_.wait(
            outcome_of(client_, "http://" + host + ":" + std::to_string(server_.port()) + "/"));
    }

    LoopServer server_{say_hello};
    testing::OnLoop loop_;
    Client client_;
};

constexpr const char* refused = "no thread can be started: ";

TEST_F(RefusedThreads, fail_the_first_call_and_not_the_next) {
    {
        const testing::RefusedThreads none;
        EXPECT_TRUE(get("127.0.0.1").starts_with(refused)) << get("127.0.0.1");
        EXPECT_GE(none.refusals(), 1);
    }
    EXPECT_EQ(get("127.0.0.1"), "hello");
}

TEST_F(RefusedThreads, fail_the_first_mail_as_well) {
    const testing::RefusedThreads none;
    EXPECT_TRUE(loop_.wait(outcome_of_mail(client_, server_.port())).starts_with(refused));
    EXPECT_GE(none.refusals(), 1);
}

// libcurl looks names up on threads of its own.
TEST_F(RefusedThreads, fail_the_look_up_of_a_name_and_no_other_call) {
    EXPECT_EQ(get("127.0.0.1"), "hello");
    const testing::RefusedThreads none;
    EXPECT_NE(get("nobody.invalid"), "hello");
    EXPECT_GE(none.refusals(), 1);
    EXPECT_EQ(get("127.0.0.1"), "hello");
}

}  // namespace
}  // namespace souk::net
