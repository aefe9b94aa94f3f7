#include "platform/db/postgres/link.h"

#include "platform/core/error.h"
#include "platform/db/postgres/failure.h"
#include "platform/db/postgres/values.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace souk::db::postgres {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;
constexpr boost::asio::use_awaitable_t<core::Executor> use_awaitable;

// statement_timeout makes the server answer in time; we give up a little later than that.
constexpr std::chrono::milliseconds slack{500};

constexpr const char* set_session = R"(
    SELECT set_config('search_path', $1, false),
           set_config('statement_timeout', $2, false),
           set_config('lock_timeout', $2, false),
           set_config('idle_in_transaction_session_timeout', $3, false),
           set_config('TimeZone', 'UTC', false),
           set_config('synchronous_commit',
                      CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
                      ELSE current_setting('synchronous_commit') END, false))";

void drop_notice(void*, const PGresult*) {}  // "table exists, skipping": nothing to act on

}  // namespace

Link::Link(boost::asio::io_context& context, Address address)
    : address_(std::move(address)),
      patience_(address_.timeout + slack),
      socket_(context),
      clock_(context) {}

Link::~Link() { close(); }

core::Task<> Link::connect() {
    expect_answer();
    try {
        co_await start();
        co_await set_up();
    } catch (const std::exception& error) {
        close(error.what());
        throw;
    }
}

core::Task<> Link::start() {
    // What stands before "dbname" is a default that the address may override.
    constexpr std::array<const char*, 8> keys{
        "application_name", "gssencmode", "keepalives_idle", "keepalives_interval",
        "keepalives_count", "dbname",     "client_encoding", nullptr};
    const std::array<const char*, 8> settings{
        "souk", "disable", "10", "5", "3", address_.url.c_str(), "UTF8", nullptr};
    connection_ = ::PQconnectStartParams(keys.data(), settings.data(), 1);
    if (connection_ == nullptr) throw core::Unavailable("PostgreSQL: no memory left");
    ::PQsetNoticeReceiver(connection_, &drop_notice, nullptr);

    // libpq may change its socket between two steps, so ours is lent to asio for one wait at a
    // time.
    PostgresPollingStatusType next =
        ::PQstatus(connection_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED) fail();
        socket_.assign(::PQsocket(connection_));
        co_await wait_for(next == PGRES_POLLING_READING ? Descriptor::wait_read
                                                        : Descriptor::wait_write);
        socket_.release();
        next = ::PQconnectPoll(connection_);
    }
    socket_.assign(::PQsocket(connection_));
    check(::PQsetnonblocking(connection_, 1) == 0);
    check(::PQenterPipelineMode(connection_));
}

core::Task<> Link::set_up() {
    const std::string timeout_ms = std::to_string(address_.timeout.count());
    const std::string idle_ms = std::to_string(2 * address_.timeout.count());
    co_await ask(set_session, values("\"" + address_.schema + "\"", timeout_ms, idle_ms));
}

core::Task<> Link::exchange(std::span<Unit> units) {
    ++exchanges_;
    bool was_lost = false;
    try {
        std::vector<Sent> sent;
        sent.reserve(units.size());
        for (Unit& unit : units) {
            if (unit.is_sendable()) {
                sent.push_back(send(unit));
            } else {
                unit.error = Failure::refused("text with a zero byte cannot be stored");
            }
        }
        for (Sent& one : sent) co_await receive(std::move(one));
    } catch (const std::exception& error) {
        close(error.what());
        was_lost = true;
    }
    answer_due_ = std::chrono::steady_clock::time_point::max();
    if (!was_lost) co_return;
    for (Unit& unit : units) {
        if (!unit.is_answered()) unit.error = Failure::unavailable(lost_because_);
    }
}

core::Task<Rows> Link::ask(const char* sql, Values values) {
    Unit unit = Unit::of(sql, std::move(values));
    co_await exchange(std::span(&unit, 1));
    if (unit.error) unit.error->raise();
    co_return std::move(unit.results.front());
}

Link::Sent Link::send(Unit& unit) {
    if (!is_open()) fail();
    Sent sent{&unit};
    Parameters parameters;
    for (const Executions& part : unit.parts) {
        const std::string name = prepare(part.sql, sent);
        for (const Values& row : part.rows) {
            parameters.set(row);
            check(::PQsendQueryPrepared(connection_, name.c_str(), parameters.size(),
                                        parameters.texts(), nullptr, nullptr, 0));
            ++sent.commands;
        }
    }
    check(::PQpipelineSync(connection_));
    return sent;
}

// Gives the statement's name on the server.
std::string Link::prepare(const char* sql, Sent& sent) {
    if (const auto known = prepared_.find(sql); known != prepared_.end()) return known->second;
    const auto earlier = std::ranges::find(sent.preparations, sql, &Preparation::sql);
    if (earlier != sent.preparations.end()) return earlier->name;
    std::string name = "s" + std::to_string(++names_given_);
    check(::PQsendPrepare(connection_, name.c_str(), sql, 0, nullptr));
    sent.preparations.push_back({sent.commands++, sql, name});
    return name;
}

// libpq ends the results of each command with a nullptr, and those of the unit with a SYNC.
core::Task<> Link::receive(Sent sent) {
    std::size_t command = 0;
    for (;;) {
        while (::PQisBusy(connection_) != 0) co_await wait_for_server();
        const Result result(::PQgetResult(connection_));
        if (::PQstatus(connection_) == CONNECTION_BAD) fail();
        if (!result) {
            ++command;
            continue;
        }
        if (::PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) break;
        accept(sent, command, *result);
    }
    sent.unit->is_synced = true;  // before this, results may be told of and undone all the same
    if (sent.unit->error) sent.unit->results.clear();
}

void Link::accept(Sent& sent, std::size_t command, const PGresult& result) {
    Unit& unit = *sent.unit;
    const bool is_preparation = sent.prepared < sent.preparations.size() &&
                                sent.preparations[sent.prepared].command == command;
    switch (::PQresultStatus(&result)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
            if (is_preparation) {
                const Preparation& done = sent.preparations[sent.prepared++];
                prepared_.emplace(done.sql, done.name);
            } else {
                unit.results.push_back(read_rows(result));
            }
            return;
        case PGRES_PIPELINE_ABORTED:
            return;  // an earlier command of the unit has failed
        default:
            break;
    }
    const char* const code = ::PQresultErrorField(&result, PG_DIAG_SQLSTATE);
    const std::string_view sqlstate = code == nullptr ? "" : code;
    const char* const message = ::PQresultErrorField(&result, PG_DIAG_MESSAGE_PRIMARY);
    const char* const sql = is_preparation ? sent.preparations[sent.prepared].sql
                                           : unit.statement(command - sent.prepared);
    if (!unit.error)
        unit.error = failure(sqlstate, message == nullptr ? "no message" : message, sql);
    if (spoils_connection(sqlstate))
        throw core::Unavailable("PostgreSQL forgot our prepared statements");
}

core::Task<> Link::script(std::string text) {
    check(::PQexitPipelineMode(connection_));
    check(::PQsendQuery(connection_, text.c_str()));
    std::optional<Failure> error;
    for (;;) {
        while (::PQisBusy(connection_) != 0) co_await wait_for_server();
        const Result result(::PQgetResult(connection_));
        if (!result) break;
        const ExecStatusType status = ::PQresultStatus(result.get());
        if (error || (status != PGRES_FATAL_ERROR && status != PGRES_BAD_RESPONSE)) continue;
        const char* const code = ::PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        error = failure(code == nullptr ? "" : code, ::PQresultErrorMessage(result.get()), text);
    }
    answer_due_ = std::chrono::steady_clock::time_point::max();
    if (error) error->raise();
    check(::PQenterPipelineMode(connection_));
}

void Link::watch(std::function<void()> lost) {
    const auto look = [self = weak_from_this(), lost = std::move(lost),
                       since = exchanges_](boost::system::error_code error) {
        const std::shared_ptr<Link> link = self.lock();
        if (error || !link || !link->is_open() || link->exchanges_ != since) return;
        if (::PQconsumeInput(link->connection_) == 0 ||
            ::PQstatus(link->connection_) == CONNECTION_BAD) {
            link->close("the server closed the connection");
            return lost();
        }
        link->watch(lost);  // a notice or a changed setting
    };
    socket_.async_wait(Descriptor::wait_read, look);
}

void Link::close(std::string why) {
    if (!is_open()) return;
    lost_because_ = "PostgreSQL: " + std::move(why);
    if (socket_.is_open()) socket_.release();  // the socket is libpq's; waits end with an error
    ::PQfinish(std::exchange(connection_, nullptr));
    prepared_.clear();
}

// Reads and writes at once: a server that cannot get rid of its answers stops reading our
// questions.
core::Task<> Link::wait_for_server() {
    using namespace boost::asio::experimental::awaitable_operators;
    expect_answer();
    const int unsent = ::PQflush(connection_);
    check(unsent >= 0);
    if (unsent == 0) {
        co_await wait_for(Descriptor::wait_read);
    } else {
        co_await (wait_for(Descriptor::wait_read) || wait_for(Descriptor::wait_write));
    }
    check(::PQconsumeInput(connection_));
}

core::Task<> Link::wait_for(Descriptor::wait_type what) {
    try {
        co_await socket_.async_wait(what, use_awaitable);
    } catch (const boost::system::system_error&) {
        if (is_open()) throw;
    }
    if (!is_open()) throw core::Unavailable(lost_because_);
}

void Link::check(int was_fine) {
    if (was_fine == 0) fail();
}

void Link::fail() {
    if (!is_open()) throw core::Unavailable(lost_because_);
    std::string message = ::PQerrorMessage(connection_);
    while (message.ends_with('\n')) message.pop_back();
    throw core::Unavailable("PostgreSQL: " + (message.empty() ? "connection lost" : message));
}

void Link::expect_answer() {
    answer_due_ = std::chrono::steady_clock::now() + patience_;
    if (!std::exchange(is_clock_running_, true)) look_at_clock();
}

// Runs only while an answer is owed; answers in between do not touch the timer.
void Link::look_at_clock() {
    clock_.expires_after(std::min<std::chrono::steady_clock::duration>(
        patience_, answer_due_ - std::chrono::steady_clock::now()));
    clock_.async_wait([self = weak_from_this()](boost::system::error_code error) {
        const std::shared_ptr<Link> link = self.lock();
        if (error || !link) return;
        link->is_clock_running_ =
            link->is_open() && link->answer_due_ != std::chrono::steady_clock::time_point::max();
        if (!link->is_clock_running_) return;
        if (std::chrono::steady_clock::now() >= link->answer_due_)
            return link->close("no answer in time");
        link->look_at_clock();
    });
}

}  // namespace souk::db::postgres
