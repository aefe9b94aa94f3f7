// Calls of coroutines, to a server that does all that servers do.
#include "platform/net/client.h"

#include "platform/core/error.h"
#include "platform/core/event.h"
#include "platform/core/loop.h"
#include "platform/net/tests/certificate.h"
#include "platform/net/tests/loop_server.h"
#include "platform/net/tests/scripted_server.h"
#include "platform/net/tests/slow_names.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace souk::net {
namespace {

using namespace std::chrono_literals;

constexpr int crowd = 100;

std::string with_length(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// What is answered on each path; none of them ends the connection.
const std::map<std::string, std::string> answers = {
    {"/hello", with_length("hello")},
    {"/chunked",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"},
    {"/huge", with_length(std::string(3'000'000, 'x'))},
    {"/endless", "HTTP/1.1 200 OK\r\n\r\n" + std::string(3'000'000, 'x')},
    {"/redirect", "HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 0\r\n\r\n"},
    {"/half", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell"},
    {"/no-content", "HTTP/1.1 204 No Content\r\n\r\n"},
};

class Server {
public:
    std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
    }
    int connections() const { return server_.connections(); }
    int asked() const { return asked_; }  // how often
    bool wait_for_one_silent() { return silent_.wait_for(10s) == std::future_status::ready; }

private:
    core::Task<> talk(Wire& wire) {
        while (true) {
            const std::string head = co_await wire.read_to("\r\n\r\n");
            ++asked_;
            const std::size_t from = head.find(' ') + 1;
            const std::string path = head.substr(from, head.find(' ', from) - from);
            if (path == "/closing") co_return;
            if (path == "/silent") co_await be_silent(wire);
            if (path.starts_with("/crowd")) co_await wait_for_the_crowd();
            const auto answer = answers.find(path);
            co_await wire.say(answer == answers.end() ? with_length(path) : answer->second);
        }
    }

    core::Task<> be_silent(Wire& wire) {
        if (!is_silent_.exchange(true)) silence_.set_value();
        co_await wire.wait_for_the_end();
    }

    // Nobody is answered before all have asked.
    core::Task<> wait_for_the_crowd() {
        if (++waiting_ == crowd) all_are_here_.set();
        co_await all_are_here_.wait(10s);
    }

    std::atomic<int> asked_ = 0;
    std::atomic<bool> is_silent_ = false;
    std::promise<void> silence_;
    std::future<void> silent_ = silence_.get_future();
    std::atomic<int> waiting_ = 0;
    core::Event all_are_here_;
    LoopServer server_{[this](Wire& wire) { return talk(wire); }};
};

struct Outcome {
    Answer answer;
    std::string failure;  // its words; empty when there is an answer
    bool was_sent = true;
};

core::Task<Outcome> outcome_of(Client& client, Call call) {
    try {
        co_return Outcome{.answer = co_await client.send(std::move(call))};
    } catch (const NotSent& failure) {
        co_return Outcome{.failure = failure.what(), .was_sent = false};
    } catch (const core::Unavailable& failure) {
        co_return Outcome{.failure = failure.what()};
    } catch (const std::invalid_argument& mistake) {
        co_return Outcome{.failure = std::string("mistake: ") + mistake.what()};
    }
}

std::future<Outcome> begin(core::Loop& loop, Client& client, Call call) {
    return boost::asio::co_spawn(loop.context(), outcome_of(client, std::move(call)),
                                 boost::asio::use_future);
}

// A client is destroyed before the loops that use it.
class NetClient : public ::testing::Test {
protected:
    Answer answer(const std::string& path) {
        return begin(loop_, client_, {.url = server_.url(path)}).get().answer;
    }
    std::string failure(Call call) { return failure(client_, std::move(call)); }
    std::string failure(Client& client, Call call) {
        return begin(loop_, client, std::move(call)).get().failure;
    }

    Server server_;
    core::Loop loop_{"test"};
    core::Loop other_loop_{"other"};
    Client client_;
};

core::Task<bool> resumes_here(Client& client, std::string url, core::Loop& loop) {
    co_await client.send({.url = std::move(url)});
    co_return loop.context().get_executor().running_in_this_thread();
}

TEST_F(NetClient, every_coroutine_goes_on_on_the_loop_it_came_from) {
    for (core::Loop* const loop : {&loop_, &other_loop_}) {
        EXPECT_TRUE(boost::asio::co_spawn(loop->context(),
                                          resumes_here(client_, server_.url("/hello"), *loop),
                                          boost::asio::use_future)
                        .get());
    }
}

TEST_F(NetClient, an_answer_has_status_headers_body_and_time) {
    const Answer hello = answer("/hello");

    EXPECT_EQ(hello.status, 200);
    EXPECT_EQ(hello.headers, (Headers{
                                 {"Content-Length", "5"}
    }));
    EXPECT_EQ(hello.body, "hello");
    EXPECT_GT(hello.took, 0ns);
}

TEST_F(NetClient, an_answer_may_come_in_chunks_or_be_empty) {
    EXPECT_EQ(answer("/chunked").body, "hello");
    EXPECT_EQ(answer("/no-content").body, "");
}

TEST_F(NetClient, a_redirect_is_an_answer) { EXPECT_EQ(answer("/redirect").status, 302); }

TEST_F(NetClient, a_connection_is_used_again) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(answer("/hello").status, 200);

    EXPECT_EQ(server_.connections(), 1);
}

TEST_F(NetClient, a_hundred_calls_of_two_loops_are_under_way_at_once) {
    std::vector<std::future<Outcome>> under_way;
    for (int i = 0; i < crowd; ++i) {
        under_way.push_back(begin(i % 2 == 0 ? loop_ : other_loop_, client_,
                                  {.url = server_.url("/crowd/" + std::to_string(i))}));
    }

    for (int i = 0; i < crowd; ++i) {
        EXPECT_EQ(under_way[static_cast<std::size_t>(i)].get().answer.body,
                  "/crowd/" + std::to_string(i));
    }
}

TEST_F(NetClient, one_that_is_not_answered_holds_up_no_other) {
    std::future<Outcome> silent =
        begin(loop_, client_, {.url = server_.url("/silent"), .patience = 1min});
    ASSERT_TRUE(server_.wait_for_one_silent());

    EXPECT_EQ(answer("/hello").body, "hello");
    EXPECT_EQ(silent.wait_for(0s), std::future_status::timeout);
}

TEST_F(NetClient, a_name_that_is_never_resolved_holds_up_neither_others_nor_the_end) {
    const SlowNames names;
    const Call slow{.url = std::string("http://") + SlowNames::name, .patience = 50ms};
    auto client = std::make_unique<Client>();

    EXPECT_EQ(failure(*client, slow), slow.url + ": Timeout was reached");
    EXPECT_EQ(begin(loop_, *client, {.url = server_.url("/hello")}).get().answer.body, "hello");

    std::future<Outcome> waiting = begin(loop_, *client, {.url = slow.url, .patience = 1min});
    EXPECT_EQ(begin(loop_, *client, {.url = server_.url("/hello")}).get().answer.body, "hello");
    client.reset();
    EXPECT_EQ(waiting.get().failure, "the network client was closed");
}

TEST_F(NetClient, an_answer_that_is_too_long_is_none) {
    for (const char* const path : {"/huge", "/endless"}) {
        EXPECT_EQ(failure({.url = server_.url(path)}),
                  server_.url("") + ": the answer is too long");
    }
    EXPECT_EQ(failure({.url = server_.url("/hello"), .body_bytes_max = 5}), "");
}

TEST_F(NetClient, patience_ends) {
    for (const char* const path : {"/silent", "/half"}) {
        EXPECT_EQ(failure({.url = server_.url(path), .patience = 50ms}),
                  server_.url("") + ": Timeout was reached");
    }
    EXPECT_NE(failure({.url = server_.url("/silent"), .patience = 0ms}), "");
}

// A webhook's path or password is a secret, and messages end up in logs and tables.
TEST_F(NetClient, a_failure_names_no_more_of_the_url_than_its_server) {
    const std::string nobody = nobodys_url();
    const std::string host = nobody.substr(std::string("http://").size());
    EXPECT_EQ(failure({.url = "http://me:p%40ss@" + host + "/path?key=secret#part"}),
              nobody + ": Couldn't connect to server");
}

TEST_F(NetClient, nobody_there_and_nobody_any_more_are_failures) {
    const std::string nobody = nobodys_url();
    EXPECT_EQ(failure({.url = nobody}), nobody + ": Couldn't connect to server");
    EXPECT_NE(failure({.url = server_.url("/closing")}), "");
    EXPECT_NE(failure({.url = "http://no-such-name.invalid/"}), "");
}

TEST_F(NetClient, only_what_nobody_has_seen_was_not_sent) {
    Certificate certificate;
    const LoopServer untrusted([&](Wire& wire) { return wire.encrypt(certificate.server()); });

    for (const std::string& url :
         {nobodys_url(), std::string("http://no-such-name.invalid/"), std::string("http://"),
          "https://127.0.0.1:" + std::to_string(untrusted.port())}) {
        EXPECT_FALSE(begin(loop_, client_, {.url = url}).get().was_sent) << url;
    }
    for (const char* const path : {"/closing", "/huge"}) {
        const Outcome outcome = begin(loop_, client_, {.url = server_.url(path)}).get();
        EXPECT_NE(outcome.failure, "") << path;
        EXPECT_TRUE(outcome.was_sent) << path;
    }
}

TEST_F(NetClient, what_is_sent_on_a_dead_connection_is_sent_again_unless_it_must_not_be) {
    for (const bool once : {false, true}) {
        EXPECT_EQ(answer("/hello").status, 200);  // leaves a connection
        const int before = server_.asked();
        const Call call{
            .url = server_.url("/closing"), .method = "POST", .body = "{}", .once = once};

        EXPECT_NE(failure(call), "");

        EXPECT_EQ(server_.asked() - before, once ? 1 : 2);
    }
}

TEST_F(NetClient, only_http_is_spoken) {
    for (const char* const url : {"file:///etc/hostname", "smtp://127.0.0.1/", "", "http://"}) {
        EXPECT_NE(failure({.url = url}), "") << url;
    }
}

TEST_F(NetClient, what_cannot_be_sent_is_the_callers_mistake) {
    Call call{.url = server_.url("/hello"), .headers = {{"X-One", "1\r\nX-Two: 2"}}};

    EXPECT_TRUE(failure(call).starts_with("mistake: "));
}

TEST_F(NetClient, no_more_than_its_limit_are_under_way) {
    Client narrow({.under_way_max = 1});
    std::future<Outcome> silent =
        begin(loop_, narrow, {.url = server_.url("/silent"), .patience = 1min});
    ASSERT_TRUE(server_.wait_for_one_silent());

    EXPECT_EQ(failure(narrow, {.url = server_.url("/hello")}), "too many requests are under way");
}

TEST_F(NetClient, the_place_of_one_that_failed_is_free_again) {
    Client narrow({.under_way_max = 1});

    for (int i = 0; i < 3; ++i) {
        EXPECT_NE(failure(narrow, {.url = server_.url("/closing")}),
                  "too many requests are under way");
    }
}

TEST_F(NetClient, what_is_under_way_hears_of_the_end) {
    auto client = std::make_unique<Client>();
    std::vector<std::future<Outcome>> silent;
    for (int i = 0; i < 10; ++i) {
        silent.push_back(begin(loop_, *client, {.url = server_.url("/silent"), .patience = 1min}));
    }
    ASSERT_TRUE(server_.wait_for_one_silent());

    client.reset();

    for (std::future<Outcome>& one : silent)
        EXPECT_EQ(one.get().failure, "the network client was closed");
}

core::Task<> answer_encrypted(Wire& wire, boost::asio::ssl::context& context) {
    co_await wire.encrypt(context);
    co_await wire.read_to("\r\n\r\n");
    co_await wire.say(with_length("secret"));
}

TEST_F(NetClient, a_certificate_must_be_one_that_is_trusted) {
    Certificate certificate;
    const LoopServer server(
        [&](Wire& wire) { return answer_encrypted(wire, certificate.server()); });
    const std::string port = std::to_string(server.port());
    Client trusting({.ca_file = certificate.file()});

    EXPECT_EQ(begin(loop_, trusting, {.url = "https://127.0.0.1:" + port}).get().answer.body,
              "secret");
    EXPECT_NE(failure({.url = "https://127.0.0.1:" + port}), "");
    // The certificate is another host's.
    EXPECT_NE(failure(trusting, {.url = "https://localhost:" + port}), "");
}

}  // namespace
}  // namespace souk::net
