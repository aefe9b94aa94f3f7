// What comes back from a server that says anything, and what it was asked.
#include "platform/net/call.h"

#include "platform/core/error.h"
#include "platform/net/tests/scripted_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::net {
namespace {

using namespace std::chrono_literals;

const std::string hello = "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello";

// The words of the failure; empty when there is an answer.
std::string failure_of(const Call& call) {
    try {
        static_cast<void>(send(call));
        return "";
    } catch (const core::Unavailable& down) {
        return down.what();
    }
}

// How the call of such an answer fails.
std::string failure_after(const std::string& answer) {
    const ScriptedServer server({.answer = answer});
    return failure_of({.url = server.url()});
}

TEST(Call, the_answer_comes_with_status_headers_and_body) {
    ScriptedServer server({.answer = hello});

    const Answer answer = send({.url = server.url() + "/a/../b?c=d"});

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers, (Headers{
                                  {"X-One",          "1"},
                                  {"Content-Length", "5"}
    }));
    EXPECT_EQ(answer.body, "hello");
    EXPECT_GT(answer.took, 0ns);
    EXPECT_TRUE(server.request().starts_with("GET /a/../b?c=d HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST(Call, what_is_sent_is_what_was_given_and_no_more) {
    ScriptedServer server({.answer = hello});

    static_cast<void>(send({
        .url = server.url(),
        .method = "POST",
        .headers = {{"X-Empty", ""}, {"Content-Type", "application/json"}},
        .body = "{}"
    }));

    const std::string host = server.url().substr(7);
    EXPECT_EQ(server.request(), "POST / HTTP/1.1\r\nHost: " + host +
                                    "\r\nAccept: */*\r\nX-Empty:\r\nContent-Type: application/json"
                                    "\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(Call, a_refusal_is_an_answer_and_a_redirect_is_not_followed) {
    ScriptedServer server(
        {.answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"});

    EXPECT_EQ(send({.url = server.url()}).status, 302);
}

TEST(Call, a_100_continue_before_the_answer_is_not_the_answer) {
    ScriptedServer server({.answer = "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n" + hello});

    const Answer answer = send({.url = server.url(), .method = "POST", .body = "{}"});

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers, (Headers{
                                  {"X-One",          "1"},
                                  {"Content-Length", "5"}
    }));
    EXPECT_EQ(answer.body, "hello");
}

TEST(Call, an_answer_may_be_as_long_as_its_limit_and_no_longer) {
    for (const std::size_t limit : {std::size_t{5}, std::size_t{4}}) {
        ScriptedServer server({.answer = hello});
        const std::string failure = failure_of({.url = server.url(), .body_bytes_max = limit});
        EXPECT_EQ(failure, limit == 5 ? "" : server.url() + ": the answer is too long");
    }
}

TEST(Call, a_body_that_does_not_say_its_length_has_the_same_limit) {
    ScriptedServer server({.answer = "HTTP/1.1 200 OK\r\n\r\n" + std::string(3'000'000, 'x')});

    EXPECT_EQ(failure_of({.url = server.url()}), server.url() + ": the answer is too long");
}

TEST(Call, headers_may_not_go_on_for_ever) {
    std::string answer = "HTTP/1.1 200 OK\r\n";
    while (answer.size() < 70'000) answer += "X-More: " + std::string(1'000, 'x') + "\r\n";

    EXPECT_TRUE(failure_after(answer + "\r\n").ends_with(": the answer is too long"));
}

TEST(Call, patience_ends) {
    for (const std::string& said :
         {std::string(), std::string("HTTP/1.1 200 OK\r\n"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel")}) {
        ScriptedServer server({.answer = said, .is_silent_after = true});
        const std::string failure = failure_of({.url = server.url(), .patience = 50ms});
        EXPECT_EQ(failure, server.url() + ": Timeout was reached") << said;
    }
}

TEST(Call, nobody_there_is_a_failure) {
    const std::string url = nobodys_url();

    EXPECT_EQ(failure_of({.url = url}), url + ": Couldn't connect to server");
}

TEST(Call, what_is_no_http_is_a_failure) {
    for (const char* answer :
         {"", "\r\n\r\n", "hello", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        EXPECT_NE(failure_after(answer), "") << answer;
    }
}

TEST(Call, what_would_not_stay_on_its_line_is_not_sent) {
    for (const auto& [name, value] : Headers{
             {"X-One",          "1\r\nX-Two: 2"},
             {"X-One",          "1\n"          },
             {"X-One\r\nX-Two", "2"            },
             {"X One",          ""             },
             {"",               "1"            }
    }) {
        EXPECT_THROW(send({.url = nobodys_url(), .headers = {{name, value}}}),
                     std::invalid_argument);
    }
    EXPECT_THROW(send({.url = nobodys_url(), .method = "GET /\r\n"}), std::invalid_argument);
}

TEST(Call, only_http_is_spoken) {
    for (const char* url : {"file:///etc/hostname", "ftp://127.0.0.1/", "", "http://"}) {
        EXPECT_NE(failure_of({.url = url}), "") << url;
    }
}

}  // namespace
}  // namespace souk::net
