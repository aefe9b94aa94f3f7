// What a look at a mail server finds, and that it leaves no mail behind.
#include "platform/net/mail_server.h"
#include "platform/net/tests/certificate.h"
#include "platform/net/tests/scripted_server.h"
#include "platform/net/tests/smtp_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace souk::net {
namespace {

using namespace std::chrono_literals;
using Trouble = MailCheck::Trouble;
using Commands = std::vector<std::string>;

MailCheck look_at(const MailServer& server, const std::string& ca_file = {}) {
    return check(server, "shop@souk.example", 10s, ca_file);
}

MailServer bare(const SmtpServer& server) {
    return {.host = "127.0.0.1", .port = server.port(), .tls = Tls::none};
}

TEST(MailCheck, a_server_that_would_take_mail_gets_none) {
    SmtpServer server({.offers = {"AUTH PLAIN"}});
    MailServer with_user = bare(server);
    with_user.user = "shop";
    with_user.password = "secret";

    const MailCheck found = look_at(with_user);

    EXPECT_EQ(found.trouble, Trouble::none) << found.words;
    EXPECT_EQ(found.words, "");
    EXPECT_EQ(server.commands(),
              (Commands{"EHLO souk.example", "AUTH PLAIN", "AHNob3AAc2VjcmV0", "NOOP", "QUIT"}));
}

TEST(MailCheck, a_trusted_certificate_is_fine_and_another_is_told) {
    Certificate certificate;
    for (const Tls tls : {Tls::starttls, Tls::implicit}) {
        SmtpServer server({.offers = {"STARTTLS"},
                           .tls = &certificate.server(),
                           .is_implicit = tls == Tls::implicit});
        MailServer safe = bare(server);
        safe.tls = tls;

        EXPECT_EQ(look_at(safe, certificate.file()).trouble, Trouble::none);
        const MailCheck distrusted = look_at(safe);

        EXPECT_EQ(distrusted.trouble, Trouble::certificate);
        EXPECT_NE(distrusted.words.find("self-signed certificate"), std::string::npos)
            << distrusted.words;
    }
}

TEST(MailCheck, each_trouble_has_its_name_and_the_servers_words) {
    const struct {
        std::string at;
        std::string reply;
        Trouble trouble;
    } cases[] = {
        {"greeting", "554 no service here", Trouble::refusal},
        {"EHLO",     "550 not you",         Trouble::refusal},
        {"AUTH",     "535 wrong password",  Trouble::login  },
        {"NOOP",     "421 going down",      Trouble::refusal},
    };
    for (const auto& [at, reply, trouble] : cases) {
        SmtpServer server({
            .offers = {"AUTH PLAIN"},
              .replies = {{at, reply}, {"HELO", reply}}
        });
        MailServer with_user = bare(server);
        with_user.user = "shop";

        const MailCheck found = look_at(with_user);

        EXPECT_EQ(found.trouble, trouble) << at;
        EXPECT_EQ(found.words, "127.0.0.1:" + std::to_string(server.port()) + ": " + reply) << at;
    }
}

TEST(MailCheck, silence_is_waited_for_no_longer_than_told) {
    for (const char* const at : {"greeting", "EHLO", "NOOP"}) {
        SmtpServer server({.replies = {{at, stall}}});
        EXPECT_EQ(check(bare(server), "a@b.example", 100ms).trouble, Trouble::silence) << at;
    }
}

TEST(MailCheck, the_farewell_does_not_matter) {
    for (const std::string& end : {drop, stall}) {
        SmtpServer server({.replies = {{"QUIT", end}}});
        EXPECT_EQ(look_at(bare(server)).trouble, Trouble::none) << end;
    }
}

TEST(MailCheck, nobody_there_is_told) {
    const std::string nobody = nobodys_url();
    const MailServer away{.host = "127.0.0.1",
                          .port = std::stoi(nobody.substr(nobody.rfind(':') + 1)),
                          .tls = Tls::none};

    EXPECT_EQ(look_at(away).trouble, Trouble::connection);
}

TEST(MailCheck, a_server_without_tls_or_login_is_told_before_the_password) {
    SmtpServer server({});
    MailServer wanting = bare(server);
    wanting.user = "shop";

    EXPECT_EQ(look_at(wanting).trouble, Trouble::login);
    wanting.tls = Tls::starttls;
    EXPECT_EQ(look_at(wanting).trouble, Trouble::tls);

    for (const std::string& command : server.commands())
        EXPECT_FALSE(command.starts_with("AUTH")) << command;
}

}  // namespace
}  // namespace souk::net
