#include "platform/http/page.h"

#include "platform/testing/client.h"
#include "platform/testing/seeded_random.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace souk::http {
namespace {

TEST(Fill, names_are_replaced_and_values_escaped) {
    const PageValues values{
        {"a",     "one"          },
        {"odd",   R"(<b a='&"'>)"},
        {"again", "{{a}}"        },
        {"empty", ""             }
    };
    const std::vector<std::pair<std::string, std::string>> rows{
        {"",              ""                                 },
        {"no names",      "no names"                         },
        {"{{a}}",         "one"                              },
        {"x{{a}}y{{a}}z", "xoneyonez"                        },
        {"{{odd}}",       "&lt;b a=&#39;&amp;&quot;&#39;&gt;"},
        {"{{again}}",     "{{a}}"                            },
        {"[{{empty}}]",   "[]"                               },
        {"{{a",           "{{a"                              },
        {"}}{{a}}",       "}}one"                            },
        {"{a}",           "{a}"                              },
    };
    for (const auto& [page, wanted] : rows) EXPECT_EQ(fill(page, values), wanted) << page;
}

TEST(Fill, braces_of_a_script_stay_as_they_are) {
    const PageValues values{
        {"a", "one"}
    };
    const std::vector<std::pair<std::string, std::string>> rows{
        {"[{{unknown}}]",     "[{{unknown}}]"    },
        {"f=()=>{{g()}}",     "f=()=>{{g()}}"    },
        {"{{b:{{a}}",         "{{b:one"          },
        {"{{{a}}}",           "{one}"            },
        {"{{aa}}{{ a }}{{a}", "{{aa}}{{ a }}{{a}"},
    };
    for (const auto& [page, wanted] : rows) EXPECT_EQ(fill(page, values), wanted) << page;
}

core::Task<core::Result<Response>> show(core::Random& random, const Request& request) {
    co_return answer_page(request, random,
                          {.text = "<script nonce=\"{{nonce}}\"></script>{{name}}",
                           .values = {{"name", "<x>"}},
                           .connect = "'self'",
                           .form_action = "'self'"});
}

TEST(Page, only_what_carries_the_nonce_of_this_answer_may_run) {
    testing::SeededRandom random;
    Room room;
    room.routes = {
        {.verb = Verb::get,
         .path = "/",
         .auth = Auth::none,
         .handler = [&random](const Request& request) { return show(random, request); }}
    };
    TestClient client(std::move(room));
    std::set<std::string> bodies;
    for (int i = 0; i < 3; ++i) {
        const TestClient::Answer answer = client.get("/");
        const std::string nonce = answer.body.substr(15, 32);
        EXPECT_EQ(answer.body, "<script nonce=\"" + nonce + "\"></script>&lt;x&gt;");
        EXPECT_TRUE(bodies.insert(answer.body).second);
        EXPECT_EQ(answer.header("content-security-policy"),
                  "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" +
                      nonce +
                      "'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
                      "frame-ancestors 'none'");
        EXPECT_EQ(answer.header("cache-control"), "no-store");
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    }
}

}  // namespace
}  // namespace souk::http
