// One connection to PostgreSQL, used by coroutines of the database's own loop only. Everything goes
// through libpq's pipeline mode: what is asked together shares a round trip.
#pragma once

#include "platform/core/task.h"
#include "platform/db/postgres/unit.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <libpq-fe.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace souk::db::postgres {

struct Address {
    std::string url;
    std::string schema;
    std::chrono::milliseconds timeout;
};

class Link : public std::enable_shared_from_this<Link> {
public:
    Link(boost::asio::io_context& context, Address address);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Throws core::Unavailable. To be called once, before everything else.
    core::Task<> connect();

    // Sends all units and waits for all answers. Does not throw: a lost connection is an error of
    // every unit not answered yet. The units must stay where they are; one exchange at a time.
    core::Task<> exchange(std::span<Unit> units);

    // One execution of one statement; throws its error.
    core::Task<Rows> ask(const char* sql, Values values);

    // Any number of statements without parameters; throws.
    core::Task<> script(std::string text);

    // How long the server may be silent while it owes an answer.
    void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }

    // While nothing is asked: calls `lost` when the server closes the connection.
    void watch(std::function<void()> lost);

    bool is_open() const { return connection_ != nullptr; }
    void close(
        std::string why = "closed");  // whoever waits for an answer gets core::Unavailable(why)

private:
    struct Preparation {
        std::size_t command;  // which one of the unit's commands it is
        const char* sql;
        std::string name;
    };
    struct Sent {
        Unit* unit;
        std::size_t commands = 0;                 // preparations and executions
        std::vector<Preparation> preparations{};  // of statements that are prepared on the way
        std::size_t prepared = 0;                 // how many of them are done
    };
    struct Clear {
        void operator()(PGresult* result) const { ::PQclear(result); }
    };
    using Result = std::unique_ptr<PGresult, Clear>;

    core::Task<> start();
    core::Task<> set_up();
    Sent send(Unit& unit);
    std::string prepare(const char* sql, Sent& sent);
    core::Task<> receive(Sent sent);
    void accept(Sent& sent, std::size_t command, const PGresult& result);
    core::Task<> wait_for_server();
    core::Task<> wait_for(boost::asio::posix::stream_descriptor::wait_type what);
    void check(int was_fine);
    [[noreturn]] void fail();
    void expect_answer();
    void look_at_clock();

    Address address_;
    std::chrono::milliseconds patience_;
    boost::asio::posix::stream_descriptor socket_;
    boost::asio::steady_timer clock_;
    bool is_clock_running_ = false;
    std::chrono::steady_clock::time_point answer_due_ =
        std::chrono::steady_clock::time_point::max();
    PGconn* connection_ = nullptr;
    std::string lost_because_ = "not connected";
    std::unordered_map<const char*, std::string> prepared_;  // literal to name on the server
    int names_given_ = 0;
    std::uint64_t exchanges_ = 0;
};

}  // namespace souk::db::postgres
