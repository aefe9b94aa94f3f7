// Both ways a mail can take, to stand-ins on loopback.
#include "platform/core/error.h"
#include "platform/mail/mail.h"
#include "platform/net/tests/loop_server.h"
#include "platform/net/tests/smtp_server.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

namespace souk::mail {
namespace {

// Answers every request with one status, and keeps the latest.
class ResendServer {
public:
    explicit ResendServer(std::string answer) : answer_(std::move(answer)) {}

    std::string address() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    std::string request() const {
        const std::lock_guard lock(mutex_);
        return request_;
    }

private:
    core::Task<> talk(net::Wire& wire) {
        std::string request = co_await wire.read_to("\r\n\r\n");
        const std::size_t length =
            std::stoul(request.substr(request.find("Content-Length: ") + 16));
        request += co_await wire.read(length);
        {
            const std::lock_guard lock(mutex_);
            request_ = std::move(request);
        }
        co_await wire.say("HTTP/1.1 " + answer_ + "\r\nContent-Length: 4\r\n\r\n{\n }");
    }

    const std::string answer_;
    mutable std::mutex mutex_;
    std::string request_;
    net::LoopServer server_{[this](net::Wire& wire) { return talk(wire); }};
};

Message hello() {
    return {.to = "owner@example.org",
            .reply_to = "Visitor <visitor@example.net>",
            .subject = "A\r\nquestion",
            .text = "Hello \"you\"\n.\nbye",
            .id = "contact 7"};
}

core::Task<std::string> fate_of(Sender& sender, Message message) {
    try {
        co_await sender.send(std::move(message));
        co_return "taken";
    } catch (const net::Refused& refusal) {
        co_return std::string("refused: ") + refusal.what();
    } catch (const core::Unavailable& down) {
        co_return std::string("unavailable: ") + down.what();
    }
}

class MailSender : public ::testing::Test {
protected:
    std::string fate(Sender& sender, Message message) {
        return loop_.wait(fate_of(sender, std::move(message)));
    }

    testing::OnLoop loop_;
    net::Client client_;
    testing::FixedClock clock_;
};

TEST_F(MailSender, by_smtp_a_mail_arrives_as_it_was_composed) {
    const net::SmtpServer server({});
    const auto sender = smtp(
        {
            .server = {.host = "127.0.0.1", .port = server.port(), .tls = net::Tls::none},
            .from = "Souk <shop@souk.example>"
    },
        client_, clock_);

    EXPECT_EQ(fate(*sender, hello()), "taken");

    EXPECT_EQ(server.commands()[1], "MAIL FROM:<shop@souk.example>");
    EXPECT_EQ(server.commands()[2], "RCPT TO:<owner@example.org>");
    EXPECT_NE(server.message().find("\r\nSubject: A  question\r\n"), std::string::npos);
    EXPECT_TRUE(server.message().ends_with("\r\n\r\nHello \"you\"\r\n..\r\nbye\r\n.\r\n"));
    EXPECT_EQ(sender->describe(), "SMTP at 127.0.0.1:" + std::to_string(server.port()));
}

TEST_F(MailSender, by_resend_a_mail_is_one_request) {
    const ResendServer server("200 OK");
    const auto sender = resend(
        {.key = "k3y", .from = "Souk <shop@souk.example>", .address = server.address()}, client_);

    EXPECT_EQ(fate(*sender, hello()), "taken");

    const std::string body = R"({"from":"\"Souk\" <shop@souk.example>","to":"owner@example.org",)"
                             R"("subject":"A  question","text":"Hello \"you\"\n.\nbye",)"
                             R"("reply_to":"\"Visitor\" <visitor@example.net>"})";
    EXPECT_EQ(server.request(), "POST /emails HTTP/1.1\r\nHost: " + server.address().substr(7) +
                                    "\r\nAccept: */*\r\nAuthorization: Bearer k3y\r\n"
                                    "Content-Type: application/json\r\n"
                                    "Idempotency-Key: contact=207\r\nContent-Length: " +
                                    std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(sender->describe(), "Resend at " + server.address());
}

TEST_F(MailSender, what_resend_says_decides_whether_it_is_for_good) {
    const struct {
        std::string answer;
        std::string fate;
    } cases[] = {
        {"202 Accepted",             "taken"                          },
        {"301 Moved Permanently",    "unavailable: Resend: 301 {\\n }"},
        {"400 Bad Request",          "refused: Resend: 400 {\\n }"    },
        {"401 Unauthorized",         "unavailable: Resend: 401 {\\n }"},
        {"403 Forbidden",            "unavailable: Resend: 403 {\\n }"},
        {"408 Request Timeout",      "unavailable: Resend: 408 {\\n }"},
        {"409 Conflict",             "unavailable: Resend: 409 {\\n }"},
        {"422 Unprocessable Entity", "refused: Resend: 422 {\\n }"    },
        {"429 Too Many Requests",    "unavailable: Resend: 429 {\\n }"},
        {"500 Oh",                   "unavailable: Resend: 500 {\\n }"},
    };
    for (const auto& [answer, expected] : cases) {
        const ResendServer server(answer);
        const auto sender = resend(
            {.key = "k3y", .from = "shop@souk.example", .address = server.address()}, client_);
        EXPECT_EQ(fate(*sender, hello()), expected);
    }
}

TEST_F(MailSender, a_mail_to_no_address_is_refused_without_asking_anybody) {
    const ResendServer server("200 OK");
    const auto sender =
        resend({.key = "k3y", .from = "shop@souk.example", .address = server.address()}, client_);
    Message message = hello();
    message.to = "owner";

    EXPECT_EQ(fate(*sender, message), "refused: \"owner\" is no mail address");

    EXPECT_EQ(server.request(), "");
}

TEST_F(MailSender, who_sends_must_have_an_address) {
    EXPECT_THROW(smtp({.server = {}, .from = "shop"}, client_, clock_), std::invalid_argument);
    EXPECT_THROW(resend({.from = ""}, client_), std::invalid_argument);
}

}  // namespace
}  // namespace souk::mail
