#include "platform/mail/mailbox.h"

#include "platform/net/client.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace souk::mail {
namespace {

TEST(Mailbox, an_address_may_have_a_name_before_it) {
    const struct {
        std::string text;
        Mailbox mailbox;
    } cases[] = {
        {"a@b.example",                 {"", "a@b.example"}             },
        {"first.last+x@b-c.example",    {"", "first.last+x@b-c.example"}},
        {"root@localhost",              {"", "root@localhost"}          },
        {"<a@b.example>",               {"", "a@b.example"}             },
        {"The Shop <a@b.example>",      {"The Shop", "a@b.example"}     },
        {"\"Shop, The\" <a@b.example>", {"Shop, The", "a@b.example"}    },
        {"\"a \\\"b\\\" c\" <a@b>",     {"a \"b\" c", "a@b"}            },
        {"Ünal <a@b.example>",          {"Ünal", "a@b.example"}         },
    };
    for (const auto& [text, mailbox] : cases) EXPECT_EQ(parse_mailbox(text), mailbox) << text;
}

TEST(Mailbox, what_could_be_anything_else_is_none) {
    for (const std::string& text : {std::string(),
                                    std::string("a"),
                                    std::string("@b"),
                                    std::string("a@"),
                                    std::string("a@b@c"),
                                    std::string("a..b@c"),
                                    std::string(".a@b"),
                                    std::string("a@b."),
                                    std::string("a@-b"),
                                    std::string("a@b_c"),
                                    std::string("a b@c"),
                                    std::string("a@b, c@d"),
                                    std::string("a@b <c"),
                                    std::string("ü@b"),
                                    std::string("a@[127.0.0.1]"),
                                    std::string("a@b\n"),
                                    std::string("a\0@b", 4),
                                    std::string(65, 'a') + "@b",
                                    "a@" + std::string(64, 'b'),
                                    "a@" + std::string(260, 'b')}) {
        EXPECT_EQ(parse_mailbox(text), std::nullopt) << text;
    }
}

TEST(Mailbox, written_out_it_can_be_read_back) {
    for (const Mailbox& mailbox : {
             Mailbox{"",                 "a@b.example"},
             Mailbox{"Shop, \"The\" \\", "a@b.example"}
    }) {
        EXPECT_EQ(parse_mailbox(to_text(mailbox)), mailbox);
    }
}

TEST(Mailbox, where_one_is_needed_its_lack_is_said) {
    EXPECT_THROW(sender_of("shop"), std::invalid_argument);
    EXPECT_THROW(recipient_of("a\nb"), net::Refused);
    try {
        recipient_of("a\nb");
    } catch (const net::Refused& refusal) {
        EXPECT_STREQ(refusal.what(), "\"a\\nb\" is no mail address");
    }
}

}  // namespace
}  // namespace souk::mail
