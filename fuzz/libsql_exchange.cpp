// A whole conversation with a server that calls itself libSQL and says anything: reads, lists of
// statements, transactions. An input is its answers, "<end>" between them; the last is said again.
#include "fuzz/support/premises.h"
#include "fuzz/support/property.h"
#include "platform/core/error.h"
#include "platform/db/database.h"
#include "platform/net/tests/loop_server.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace souk::fuzz {
namespace {

constexpr db::Sql select = "SELECT $1";
constexpr db::Sql insert = "INSERT INTO thing VALUES ($1)";
constexpr int timeout_ms = 30;  // so long is tried what may pass by itself

// Says what the input says, and answers a lone rollback as it ought to be: nobody waits for it.
class Server {
public:
    void begin(std::vector<std::string> answers) {
        const std::lock_guard lock(mutex_);
        answers_ = std::move(answers);
        said_ = 0;
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

private:
    core::Task<> talk(net::Wire& wire) {
        for (;;) {
            const std::string head = co_await wire.read_to("\r\n\r\n");
            const std::size_t at = head.find("Content-Length: ");
            must(at != std::string::npos, "what is asked has a length", head);
            const std::string asked = co_await wire.read(std::stoul(head.substr(at + 16)));
            const std::string answer = next(asked);
            co_await wire.say("HTTP/1.1 200 OK\r\nContent-Length: " +
                              std::to_string(answer.size()) + "\r\n\r\n" + answer);
        }
    }
    std::string next(std::string_view asked) {
        if (asked.find(R"([{"type":"execute","stmt":{"sql":"ROLLBACK")") != asked.npos)
            return R"({"results":[]})";
        const std::lock_guard lock(mutex_);
        return answers_.at(std::min(said_++, answers_.size() - 1));
    }

    std::mutex mutex_;
    std::vector<std::string> answers_{""};
    std::size_t said_ = 0;
    net::LoopServer server_{[this](net::Wire& wire) { return talk(wire); }};
};

struct Client : Premises {
    Client() : rows(db::open({.address = server.url(), .timeout_ms = timeout_ms})) {}

    Server server;
    std::unique_ptr<db::Database> rows;
};

// Whatever comes, who asks is told in one of the three ways that every engine has.
template <typename Ask>
core::Task<> unless_refused(Ask ask) {
    try {
        co_await ask();
    } catch (const core::Unavailable&) {
        co_return;
    } catch (const db::Refused&) {
        co_return;
    } catch (const std::logic_error&) {
        co_return;
    }
}

core::Task<> talk_to(db::Database& rows) {
    const auto read = [&rows]() -> core::Task<> { co_await rows.read(select, 1); };
    const auto write_all = [&rows]() -> core::Task<> {
        std::vector<db::Statement> steps;
        steps.push_back(db::statement(insert, 1));
        steps.push_back(db::statement(insert, 2));
        const std::vector<db::Rows> gave = co_await rows.write_all(std::move(steps));
        must(gave.size() == 2, "every statement gave something");
    };
    const auto transaction = [&rows]() -> core::Task<> {
        db::Transaction open = co_await rows.begin();
        co_await open.run(select, 1);
        std::vector<db::Values> many;
        many.push_back(db::values(1));
        many.push_back(db::values(2));
        const std::vector<std::int64_t> changed = co_await open.run_many(insert, std::move(many));
        must(changed.size() == 2, "every row is told of");
        co_await open.commit();
    };
    co_await unless_refused(read);
    co_await unless_refused(write_all);
    co_await unless_refused(transaction);
}

// An answer may send its client elsewhere; from here nobody is asked but the server above.
bool sends_elsewhere(const std::string& answer) {
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(answer, error);
    const boost::json::object* const object = error ? nullptr : value.if_object();
    const boost::json::value* const url =
        object == nullptr ? nullptr : object->if_contains("base_url");
    return url != nullptr && url->is_string();
}

void run(std::string_view input) {
    std::vector<std::string> answers;
    do {
        answers.emplace_back(take_until(input, "<end>"));
        if (sends_elsewhere(answers.back())) return;
    } while (!input.empty());
    static Client client;
    client.server.begin(std::move(answers));
    client.wait(talk_to(*client.rows));
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
