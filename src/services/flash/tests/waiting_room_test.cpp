// The waiting room: what it shows, and whom it sends where.
#include "services/flash/waiting_room.h"

#include "platform/testing/client.h"
#include "services/flash/http.h"
#include "services/flash/tests/room.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk::flash {
namespace {

using http::TestClient;
using http::Verb;

TEST(AllowedReturn, only_addresses_of_a_listed_origin_are) {
    const std::vector<std::string> origins{"http://shop.example", "https://shop.example:8443"};
    const std::vector<std::pair<std::string, bool>> rows{
        {"http://shop.example", true},
        {"http://shop.example/", true},
        {"http://shop.example/sale?a=b&c=d#e", true},
        {"http://shop.example?x=http://evil", true},
        {"https://shop.example:8443/x", true},
        {"http://shop.example/@evil", true},
        {"", false},
        {"/", false},
        {"//shop.example", false},
        {"shop.example", false},
        {"https://shop.example", false},
        {"http://shop.example:8080/", false},
        {"http://shop.example.evil/", false},
        {"http://evil.shop.example/", false},
        {"http://shop.example@evil/", false},
        {"http://shop.example:80@evil/", false},
        {"http://evil/@http://shop.example", false},
        {"http://evil/http://shop.example", false},
        {"http://shop.example%40evil/", false},
        {"http:/shop.example", false},
        {"http:///shop.example", false},
        {"http:\\\\shop.example", false},
        {"http://shop.example\\@evil/", false},
        {"http://shop.example/\\evil", false},
        {"http://shop.example/a b", false},
        {"http://shop.example/\r\nSet-Cookie: a=b", false},
        {"http://shop.example/\tx", false},
        {"\thttp://shop.example/", false},
        {" http://shop.example/", false},
        {std::string("http://shop.example/\0", 21), false},
        {"http://shop.example/\x7F", false},
        {"javascript:alert(1)", false},
        {"javascript://shop.example/%0Aalert(1)", false},
        {"data:text/html,http://shop.example", false},
        {"ftp://shop.example/", false},
        {"HTTP://shop.example/", false},
        {"http://SHOP.example/", false},
        {"hTTp://shop.example/", false},
        {"http://shop.example/" + std::string(2'000, 'x'), false},
    };
    for (const auto& [address, allowed] : rows)
        EXPECT_EQ(is_allowed_return(address, origins), allowed) << address;
    EXPECT_FALSE(is_allowed_return("http://shop.example", {}));
    EXPECT_FALSE(is_allowed_return("", {""}));
}

TEST(ApiAddress, is_the_configured_one_or_the_host_that_was_asked) {
    struct Row {
        std::string configured;
        std::string host;
        std::string wanted;
    };
    const std::vector<Row> rows{
        {"https://api.example", "evil",                 "https://api.example"     },
        {"",                    "localhost:4000",       "http://localhost:3000"   },
        {"",                    "localhost",            "http://localhost:3000"   },
        {"",                    "shop.example",         "http://shop.example:3000"},
        {"",                    "127.0.0.1:4000",       "http://127.0.0.1:3000"   },
        {"",                    "[::1]:4000",           "http://[::1]:3000"       },
        {"",                    "[::1]",                "http://[::1]:3000"       },
        {"",                    "",                     ""                        },
        {"",                    ":4000",                ""                        },
        {"",                    "a b",                  ""                        },
        {"",                    "evil/path",            ""                        },
        {"",                    "user@evil",            ""                        },
        {"",                    "\"><script>",          ""                        },
        {"",                    "evil;script-src *",    ""                        },
        {"",                    "evil' 'unsafe-inline", ""                        },
        {"",                    "evil, http://b",       ""                        },
        {"",                    "a\r\nb",               ""                        },
        {"",                    "caf\xC3\xA9",          ""                        },
    };
    for (const Row& row : rows)
        EXPECT_EQ(api_address(row.configured, row.host, 3000), row.wanted) << row.host;
    for (const std::string hostile : {"[", "[]", "[::1", "[evil", "[evil]", "a]b", "[]evil", "a[b"})
        EXPECT_EQ(api_address("", hostile, 3000), "") << hostile << " is no host";
}

class WaitingRoomTest : public ::testing::Test {
protected:
    using Answer = TestClient::Answer;
    static constexpr std::string_view page_text =
        "{{refresh}}|{{api}}|{{return}}|{{product}}|{{state}}";

    void use_up_the_limit() {
        while (room_.operations.take_token()) continue;
    }

    Room room_{Room::Options{.rate_limit_rps = 3}};
    WaitingRoom page_{
        {room_.operations, room_.random, page_text              },
        {"",               3000,         {"http://shop.example"}}
    };
    Wiring wiring_{room_.operations,
                   [] { return std::string(); },
                   [] { return std::string(); },
                   "",
                   "http://localhost:4000",
                   {}};
    TestClient client_{waiting_room(page_, wiring_)};
};

TEST_F(WaitingRoomTest, any_method_gets_the_page) {
    for (const Verb verb : {Verb::get, Verb::post, Verb::put, Verb::delete_, Verb::patch}) {
        const Answer answer = client_.send({verb, "/", "", {{"host", "localhost:4000"}}});
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
        EXPECT_EQ(answer.body, "5;url=/|http://localhost:3000|||open");
        EXPECT_EQ(answer.header("cache-control"), "no-store");
        EXPECT_EQ(answer.header("x-waiting-room"), "1");
        EXPECT_EQ(answer.header("access-control-allow-origin"), "*");
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    }
    EXPECT_EQ(client_.get("/else").status, 404);
}

TEST_F(WaitingRoomTest, visitors_go_back_when_there_is_room_and_wait_when_there_is_none) {
    const std::string target = "/?return=http%3A%2F%2Fshop.example%2Fa%3Fb%3Dc";
    EXPECT_EQ(client_.get(target).body,
              "0;url=http://shop.example/a?b=c||http://shop.example/a?b=c||open");
    use_up_the_limit();
    EXPECT_EQ(client_.get(target).body,
              "5;url=/?return=http%3A%2F%2Fshop.example%2Fa%3Fb%3Dc||http://shop.example/a?b=c||"
              "waiting");
    EXPECT_EQ(client_.get("/").body, "5;url=/||||waiting");
}

TEST_F(WaitingRoomTest, a_place_that_is_not_listed_is_not_shown_anywhere) {
    for (const std::string asked :
         {"http%3A%2F%2Fevil", "javascript%3Aalert(1)", "%22%3E%3Cscript%3E", "//evil",
          "http%3A%2F%2Fshop.example%40evil", "http%3A%2F%2Fshop.example%5C%40evil"}) {
        EXPECT_EQ(client_.get("/?return=" + asked).body, "5;url=/||||open") << asked;
    }
    EXPECT_EQ(client_.get("/?productId=%22%3E%3Cb%3E").body, "5;url=/||||open");
}

TEST_F(WaitingRoomTest, sold_out_is_shown_when_it_is_known) {
    room_.start_sale(0);
    room_.start_sale(5, "tablet");
    EXPECT_EQ(client_.get("/?productId=phone").body, "5;url=/?productId=phone|||phone|sold_out");
    EXPECT_EQ(client_.get("/?productId=tablet").body, "5;url=/?productId=tablet|||tablet|open");
    EXPECT_EQ(client_.get("/?productId=unknown").body, "5;url=/?productId=unknown|||unknown|open");
    EXPECT_EQ(client_.get("/?return=http%3A%2F%2Fshop.example%2F&productId=phone").body,
              "5;url=/?return=http%3A%2F%2Fshop.example%2F&amp;productId=phone||"
              "http://shop.example/|phone|sold_out");
}

TEST_F(WaitingRoomTest, the_policy_allows_the_api_and_this_answers_script_only) {
    const Answer one = client_.get("/", {
                                            {"host", "shop.example:4000"}
    });
    const Answer other = client_.get("/", {
                                              {"host", "evil; script-src *"}
    });
    const std::string policy = one.header("content-security-policy");
    EXPECT_NE(policy.find("connect-src http://shop.example:3000;"), std::string::npos) << policy;
    EXPECT_NE(policy.find("script-src 'nonce-"), std::string::npos) << policy;
    EXPECT_NE(other.header("content-security-policy").find("connect-src 'none';"),
              std::string::npos);
    EXPECT_EQ(other.header("content-security-policy").find("script-src *"), std::string::npos);
    EXPECT_NE(policy.substr(0, 80), other.header("content-security-policy").substr(0, 80))
        << "each answer has a nonce of its own";
}

}  // namespace
}  // namespace souk::flash
