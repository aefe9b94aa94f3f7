// Whole messages as text.
#include "platform/mail/compose.h"

#include "platform/mail/encode.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace souk::mail {
namespace {

using namespace std::chrono_literals;

const core::Time now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 4) + 9h + 5min + 7s;
const Mailbox shop{.name = "Souk", .address = "shop@souk.example"};

Message hello() {
    return {.to = "owner@example.org",
            .reply_to = "visitor@example.net",
            .subject = "A question",
            .text = "Hello,\nis it blue?\n",
            .id = "contact-7"};
}

// The lines of one header, without its name and its last line end.
std::string header(const std::string& message, const std::string& name) {
    const std::size_t from = message.find("\r\n" + name + ": ") + name.size() + 4;
    std::size_t to = message.find("\r\n", from);
    while (message[to + 2] == ' ') to = message.find("\r\n", to + 2);
    return message.substr(from, to - from);
}

std::string subject_of(std::string subject) {
    Message message = hello();
    message.subject = std::move(subject);
    return header(compose(message, shop, now), "Subject");
}

// Every line has CRLF and is short, and nothing but ASCII is said.
void expect_fit_for_the_wire(std::string_view message) {
    while (!message.empty()) {
        const std::size_t end = message.find("\r\n");
        ASSERT_NE(end, std::string_view::npos);
        EXPECT_LE(end, 76U) << message.substr(0, end);
        for (const char c : message.substr(0, end))
            EXPECT_TRUE((c >= ' ' && c <= '~') || c == '\t') << static_cast<int>(c);
        message.remove_prefix(end + 2);
    }
}

TEST(Compose, a_message_has_all_that_it_needs) {
    EXPECT_EQ(compose(hello(), shop, now),
              "From: \"Souk\" <shop@souk.example>\r\n"
              "To: owner@example.org\r\n"
              "Reply-To: visitor@example.net\r\n"
              "Subject: A question\r\n"
              "Date: Sun, 04 Jan 2026 09:05:07 +0000\r\n"
              "Message-ID: <contact-7@souk.example>\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "Hello,\r\n"
              "is it blue?\r\n");
}

TEST(Compose, names_and_subjects_may_be_in_any_script) {
    const Message message{.to = "Jürgen \"Jo\" Müller <owner@example.org>",
                          .subject = "Grüße 🙂",
                          .text = "Schöne Grüße = ✓",
                          .id = "contact-8"};

    const std::string text =
        compose(message, {.name = "Søuk", .address = "shop@souk.example"}, now);

    EXPECT_EQ(text,
              "From: =?utf-8?Q?S=C3=B8uk?=\r\n"
              " <shop@souk.example>\r\n"
              "To: =?utf-8?Q?J=C3=BCrgen_=22Jo=22_M=C3=BCller?=\r\n"
              " <owner@example.org>\r\n"
              "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_=F0=9F=99=82?=\r\n"
              "Date: Sun, 04 Jan 2026 09:05:07 +0000\r\n"
              "Message-ID: <contact-8@souk.example>\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "Sch=C3=B6ne Gr=C3=BC=C3=9Fe =3D =E2=9C=93\r\n");
}

TEST(Compose, a_long_subject_goes_on_on_more_lines_and_no_character_is_cut) {
    EXPECT_EQ(subject_of("ÄÄÄÄÄÄÄÄÄ"),
              "=?utf-8?Q?=C3=84=C3=84=C3=84=C3=84=C3=84=C3=84=C3=84=C3=84?=\r\n"
              " =?utf-8?Q?=C3=84?=");
    EXPECT_EQ(
        subject_of(std::string(61, 'a')),
        "=?utf-8?Q?" + std::string(52, 'a') + "?=\r\n =?utf-8?Q?" + std::string(9, 'a') + "?=");
}

TEST(Compose, a_subject_that_looks_encoded_is_encoded) {
    EXPECT_EQ(subject_of("=?utf-8?Q?a?="), "=?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=");
    EXPECT_EQ(subject_of(""), "");
    EXPECT_EQ(subject_of(" a "), "=?utf-8?Q?_a_?=");
}

TEST(Compose, no_value_ever_begins_a_header_of_its_own) {
    const std::string evil = "a\r\nBcc: all@example.org\r\n\r\nBuy!";
    Message message = hello();
    message.subject = evil;
    message.id = evil;
    message.to = "Owner\r\nBcc: <x@example.org> <owner@example.org>";
    message.reply_to = evil + " <visitor@example.net>";

    const std::string text = compose(message, {.name = evil, .address = "shop@souk.example"}, now);

    EXPECT_EQ(text.find("\r\nBcc"), std::string::npos) << text;
    EXPECT_EQ(text.find("\r\n\r\n"), text.find("quoted-printable") + 16) << text;
    EXPECT_EQ(header(text, "Subject"), "a  Bcc: all@example.org    Buy!");
    EXPECT_EQ(header(text, "Message-ID"),
              "<a=0D=0ABcc=3A=20all=40example=2Eorg=0D=0A=0D=0ABuy=21@souk.example>");
}

TEST(Compose, a_reply_address_that_could_be_two_is_left_out) {
    for (const char* const address :
         {"", "a@b.example, c@d.example", "a,b@c.example", "\"a b\"@c.example", "a@b.example>",
          "ü@b.example", "a@b\r\nBcc: c@d.example", "a@b.example (you)"}) {
        Message message = hello();
        message.reply_to = address;
        EXPECT_EQ(compose(message, shop, now).find("Reply-To"), std::string::npos) << address;
    }
}

TEST(Compose, a_mail_to_nobody_is_refused) {
    for (const char* const address : {"", "owner", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b> x"}) {
        Message message = hello();
        message.to = address;
        EXPECT_THROW(compose(message, shop, now), net::Refused) << address;
    }
}

TEST(Compose, whatever_is_said_fits_the_wire) {
    std::string all;
    for (int i = 1; i < 256; ++i) all += static_cast<char>(i);
    for (const std::string& said : {all, std::string(5'000, 'x'), std::string(500, '\xC3'),
                                    std::string(5'000, ' '), std::string("\0\r\n\0", 4)}) {
        Message message = hello();
        message.subject = said;
        message.text = said;
        message.to = said.substr(0, 400) + " <owner@example.org>";
        expect_fit_for_the_wire(compose(message, shop, now));
    }
}

TEST(QuotedPrintable, lines_end_where_the_text_has_line_ends_of_any_kind) {
    EXPECT_EQ(quoted_printable("a\nb\r\nc\rd\n\ne"), "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n");
    EXPECT_EQ(quoted_printable(""), "");
    EXPECT_EQ(quoted_printable("\n"), "\r\n");
}

TEST(QuotedPrintable, long_lines_are_folded_and_dots_left_alone) {
    EXPECT_EQ(quoted_printable(std::string(75, 'x')), std::string(75, 'x') + "\r\n");
    EXPECT_EQ(quoted_printable(std::string(80, 'x')),
              std::string(75, 'x') + "=\r\n" + std::string(5, 'x') + "\r\n");
    EXPECT_EQ(quoted_printable(std::string(74, 'x') + "ü"),
              std::string(74, 'x') + "=\r\n=C3=BC\r\n");
    EXPECT_EQ(quoted_printable(".\n..a"), ".\r\n..a\r\n");
}

TEST(QuotedPrintable, blanks_at_the_end_of_a_line_are_kept) {
    EXPECT_EQ(quoted_printable("a b \nc\t"), "a b=20\r\nc=09\r\n");
}

}  // namespace
}  // namespace souk::mail
