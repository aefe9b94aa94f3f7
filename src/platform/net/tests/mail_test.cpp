// What becomes of a mail at servers that take, refuse, stall and break off.
#include "platform/core/error.h"
#include "platform/core/loop.h"
#include "platform/net/client.h"
#include "platform/net/tests/certificate.h"
#include "platform/net/tests/scripted_server.h"
#include "platform/net/tests/smtp_server.h"
#include "platform/testing/comes_true.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace souk::net {
namespace {

using namespace std::chrono_literals;
using Commands = std::vector<std::string>;

// What one says of a mail, in its three kinds.
const std::string taken = "taken";
const std::string refused = "refused: ";
const std::string unavailable = "unavailable: ";

core::Task<std::string> fate_of(Client& client, Delivery delivery) {
    try {
        co_await client.deliver(std::move(delivery));
        co_return taken;
    } catch (const Refused& refusal) {
        co_return refused + refusal.what();
    } catch (const core::Unavailable& down) {
        co_return unavailable + down.what();
    }
}

std::future<std::string> begin(core::Loop& loop, Client& client, Delivery delivery) {
    return boost::asio::co_spawn(loop.context(), fate_of(client, std::move(delivery)),
                                 boost::asio::use_future);
}

Delivery mail_to(const SmtpServer& server) {
    return {
        .server = {.host = "127.0.0.1", .port = server.port(), .tls = Tls::none},
        .sender = "shop@souk.example",
        .recipients = {"owner@example.org"},
        .text = "Subject: Hello\r\n\r\nHello!\r\n",
        .patience = 10s
    };
}

std::string host_of(const SmtpServer& server) {
    return "127.0.0.1:" + std::to_string(server.port()) + ": ";
}

class NetMail : public ::testing::Test {
protected:
    std::string fate(Delivery delivery) { return begin(loop_, client_, std::move(delivery)).get(); }

    core::Loop loop_{"test"};
    Client client_;
};

TEST_F(NetMail, a_mail_is_given_to_the_server_as_it_is) {
    SmtpServer server({});

    EXPECT_EQ(fate(mail_to(server)), taken);

    EXPECT_EQ(server.commands(), (Commands{"EHLO souk.example", "MAIL FROM:<shop@souk.example>",
                                           "RCPT TO:<owner@example.org>", "DATA", "QUIT"}));
    EXPECT_EQ(server.message(), "Subject: Hello\r\n\r\nHello!\r\n.\r\n");
}

TEST_F(NetMail, a_dot_that_begins_a_line_ends_nothing) {
    SmtpServer server({});
    Delivery delivery = mail_to(server);
    delivery.text = ".first\r\n.\r\n..two\r\na.\r\n" + std::string(70'000, '.') + "\r\n.\r\nlast";

    EXPECT_EQ(fate(delivery), taken);

    EXPECT_EQ(server.message(), "..first\r\n..\r\n...two\r\na.\r\n" + std::string(70'001, '.') +
                                    "\r\n..\r\nlast\r\n.\r\n");
}

TEST_F(NetMail, a_server_that_wants_to_know_is_told_the_size) {
    SmtpServer server({.offers = {"SIZE 1000000"}});
    const Delivery delivery = mail_to(server);

    EXPECT_EQ(fate(delivery), taken);

    EXPECT_EQ(server.commands()[1],
              "MAIL FROM:<shop@souk.example> SIZE=" + std::to_string(delivery.text.size()));
}

TEST_F(NetMail, who_says_no_and_when_decides_whether_it_is_for_good) {
    const struct {
        std::string at;
        std::string reply;
        std::string fate;
    } cases[] = {
        {"greeting", "421 too busy",            unavailable},
        {"greeting", "554 no service here",     unavailable},
        {"AUTH",     "535 wrong password",      unavailable},
        {"AUTH",     "454 ask later",           unavailable},
        {"MAIL",     "550 no such sender",      unavailable},
        {"MAIL",     "530 log in first",        unavailable},
        {"MAIL",     "552 too long",            refused    },
        {"RCPT",     "550 nobody of that name", refused    },
        {"RCPT",     "530 log in first",        unavailable},
        {"RCPT",     "450 the box is busy",     unavailable},
        {"DATA",     "554 no",                  refused    },
        {"DATA",     "421 going down",          unavailable},
        {".",        "554 spam",                refused    },
        {".",        "451 ask later",           unavailable},
    };
    for (const auto& [at, reply, expected] : cases) {
        SmtpServer server({.offers = {"AUTH PLAIN"}, .replies = {{at, reply}}});
        Delivery delivery = mail_to(server);
        delivery.server.user = "shop";

        std::string told = expected;
        told += host_of(server);
        told += reply;
        EXPECT_EQ(fate(delivery), told) << at;
    }
}

TEST_F(NetMail, a_reply_is_told_without_what_would_break_a_log) {
    SmtpServer server({.replies = {{"RCPT", "550-first\r\n550 \x1b[2J" + std::string(400, 'x')}}});

    EXPECT_EQ(fate(mail_to(server)),
              refused + host_of(server) + "550 \\x1b[2J" + std::string(292, 'x'));
}

TEST_F(NetMail, a_server_that_breaks_off_may_take_it_later) {
    for (const char* const at : {"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."}) {
        SmtpServer server({.replies = {{at, drop}}});
        EXPECT_TRUE(fate(mail_to(server)).starts_with(unavailable)) << at;
    }
}

TEST_F(NetMail, a_server_that_says_nothing_may_take_it_later) {
    for (const char* const at : {"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."}) {
        SmtpServer server({.replies = {{at, stall}}});
        Delivery delivery = mail_to(server);
        delivery.patience = 100ms;
        EXPECT_TRUE(fate(delivery).starts_with(unavailable)) << at;
    }
}

TEST_F(NetMail, nobody_there_is_a_failure_that_may_pass) {
    const std::string nobody = nobodys_url();
    SmtpServer server({});
    Delivery delivery = mail_to(server);
    delivery.server.port = std::stoi(nobody.substr(nobody.rfind(':') + 1));

    EXPECT_TRUE(fate(delivery).starts_with(unavailable));
}

TEST_F(NetMail, once_it_is_taken_the_farewell_does_not_matter) {
    for (const std::string& end : {drop, stall, std::string("500 what?")}) {
        SmtpServer server({.replies = {{"QUIT", end}}});
        EXPECT_EQ(fate(mail_to(server)), taken) << end;
    }
}

TEST_F(NetMail, nobody_gets_a_mail_that_one_of_its_recipients_may_not_have) {
    SmtpServer server({.replies = {{"RCPT", "550 no"}}});
    Delivery delivery = mail_to(server);
    delivery.recipients.push_back("other@example.org");

    EXPECT_TRUE(fate(delivery).starts_with(refused));

    EXPECT_EQ(server.message(), "");
}

TEST_F(NetMail, user_and_password_are_told_as_the_server_asks) {
    const struct {
        std::string offer;
        Commands said;
    } cases[] = {
        {"AUTH LOGIN",                {"AUTH LOGIN", "c2hvcA==", "c2VjcmV0"}},
        {"AUTH PLAIN",                {"AUTH PLAIN", "AHNob3AAc2VjcmV0"}    },
        {"AUTH CRAM-MD5 PLAIN LOGIN", {"AUTH PLAIN", "AHNob3AAc2VjcmV0"}    },
    };
    for (const auto& [offer, said] : cases) {
        SmtpServer server({.offers = {offer}});
        Delivery delivery = mail_to(server);
        delivery.server.user = "shop";
        delivery.server.password = "secret";

        EXPECT_EQ(fate(delivery), taken);

        const Commands all = server.commands();
        EXPECT_NE(std::search(all.begin(), all.end(), said.begin(), said.end()), all.end())
            << offer;
    }
}

TEST_F(NetMail, without_a_user_nobody_logs_in) {
    SmtpServer server({.offers = {"AUTH PLAIN"}});

    EXPECT_EQ(fate(mail_to(server)), taken);

    EXPECT_EQ(server.commands()[1], "MAIL FROM:<shop@souk.example>");
}

TEST_F(NetMail, a_server_without_tls_gets_nothing_when_tls_is_wanted) {
    SmtpServer server({.offers = {"AUTH PLAIN"}});
    Delivery delivery = mail_to(server);
    delivery.server.tls = Tls::starttls;
    delivery.server.user = "shop";

    EXPECT_TRUE(fate(delivery).starts_with(unavailable));

    EXPECT_EQ(server.commands().front(), "EHLO souk.example");
    for (const std::string& command : server.commands())
        EXPECT_FALSE(command.starts_with("AUTH") || command.starts_with("MAIL")) << command;
}

TEST_F(NetMail, a_certificate_must_be_one_that_is_trusted) {
    Certificate certificate;
    Client trusting({.ca_file = certificate.file()});
    for (const Tls tls : {Tls::starttls, Tls::implicit}) {
        SmtpServer server({
            .offers = {"STARTTLS", "AUTH PLAIN"},
            .tls = &certificate.server(),
            .is_implicit = tls == Tls::implicit
        });
        Delivery delivery = mail_to(server);
        delivery.server.tls = tls;
        delivery.server.user = "shop";

        EXPECT_TRUE(fate(delivery).starts_with(unavailable));
        EXPECT_EQ(server.message(), "");

        EXPECT_EQ(begin(loop_, trusting, delivery).get(), taken);
        EXPECT_NE(server.message(), "");
    }
}

TEST_F(NetMail, what_is_no_address_never_reaches_a_server) {
    SmtpServer server({});
    for (const char* const address : {"", "nobody", "@example.org", "a@", "a@b\r\nDATA",
                                      "a@b> NOTIFY=<c@d", "a b@c", "\xC3\xBC@b"}) {
        Delivery to = mail_to(server);
        to.recipients.push_back(address);
        EXPECT_TRUE(fate(to).starts_with(refused)) << address;

        Delivery from = mail_to(server);
        from.sender = address;
        EXPECT_TRUE(fate(from).starts_with(unavailable)) << address;
    }
    EXPECT_EQ(server.commands(), Commands{});
}

TEST_F(NetMail, what_is_under_way_hears_of_the_end) {
    SmtpServer server({.replies = {{".", stall}}});
    auto client = std::make_unique<Client>();
    std::future<std::string> fate = begin(loop_, *client, mail_to(server));
    EXPECT_TRUE(testing::comes_true([&] { return !server.message().empty(); }));

    client.reset();

    EXPECT_TRUE(fate.get().starts_with(unavailable));
}

}  // namespace
}  // namespace souk::net
