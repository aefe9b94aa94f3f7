#include "platform/db/postgres/database.h"

#include "platform/core/loop.h"
#include "platform/db/postgres/locks.h"
#include "platform/db/postgres/migrate.h"
#include "platform/db/postgres/pool.h"
#include "platform/db/postgres/transaction.h"
#include "platform/db/step.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace souk::db::postgres {
namespace {

// The thread on which all connections of one Database live, and what lives there. Transactions keep
// it as well, because they may outlive the Database.
struct Home {
    Home(const Address& address, int links_max)
        : pool(std::make_shared<Pool>(loop.context(), address, links_max)), claims(*pool) {}

    core::Loop loop{"postgres"};
    std::shared_ptr<Pool> pool;
    Claims claims;
};

// A transaction whose commit is measured.
class Timed final : public TransactionEngine {
public:
    Timed(std::unique_ptr<TransactionEngine> engine, std::shared_ptr<Step> commits)
        : engine_(std::move(engine)), commits_(std::move(commits)) {}

    core::Task<Rows> run(Sql sql, Values values) override {
        return engine_->run(sql, std::move(values));
    }
    core::Task<std::vector<std::int64_t>> run_many(Sql sql, std::vector<Values> rows) override {
        return engine_->run_many(sql, std::move(rows));
    }
    core::Task<> commit() override {
        const auto began = std::chrono::steady_clock::now();
        co_await engine_->commit();
        commits_->took(std::chrono::steady_clock::now() - began);
    }

private:
    const std::unique_ptr<TransactionEngine> engine_;
    const std::shared_ptr<Step> commits_;
};

std::shared_ptr<Step> commits_of(const Place& place) {
    if (place.metrics == nullptr) return nullptr;
    return std::make_shared<Step>(
        *place.metrics, commit_names(place.schema, "PostgreSQL took {} to answer a commit"));
}

class Database final : public db::Database {
public:
    Database(const Address& address, int links_max, std::string description,
             std::shared_ptr<Step> commits)
        : home_(std::make_shared<Home>(address, links_max)),
          description_(std::move(description)),
          commits_(std::move(commits)) {}

    ~Database() override {
        std::promise<std::future<void>> closed;
        boost::asio::post(home_->loop.context(), [&] { closed.set_value(home_->pool->close()); });
        closed.get_future().get().wait();
        home_->loop.stop();
        home_->loop.join();
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    core::Task<std::vector<Rows>> write_all(std::vector<Statement> statements) override {
        if (statements.empty()) co_return std::vector<Rows>();
        co_return co_await ask(Unit::of(std::move(statements)), commits_.get());
    }

    core::Task<db::Transaction> begin() override {
        using Engine = std::unique_ptr<TransactionEngine>;
        Engine engine = co_await await_reply<Engine>([this](Reply<Engine> reply) {
            on_loop([home = std::weak_ptr(home_), &pool = *home_->pool,
                     reply = std::move(reply)]() mutable {
                postgres::begin(pool, home, std::move(reply));
            });
        });
        if (commits_) engine = std::make_unique<Timed>(std::move(engine), commits_);
        co_return db::Transaction(std::move(engine));
    }

    core::Task<int> migrate(Migrations migrations) override {
        return await_reply<int>([this, migrations](Reply<int> reply) {
            on_loop([&pool = *home_->pool, migrations, reply = std::move(reply)]() mutable {
                pool.spawn(postgres::migrate(pool.make_link(), pool.schema(), migrations,
                                             std::move(reply)));
            });
        });
    }

    core::Task<bool> claim(std::string what) override {
        return await_reply<bool>([this, what = std::move(what)](Reply<bool> reply) mutable {
            on_loop([&home = *home_, what = std::move(what), reply = std::move(reply)]() mutable {
                home.pool->spawn(home.claims.claim(std::move(what), std::move(reply)));
            });
        });
    }

    std::string describe() const override { return description_; }

private:
    core::Task<Rows> read_values(Sql sql, Values values) override {
        return run(sql, std::move(values));
    }
    core::Task<Rows> write_values(Sql sql, Values values) override {
        return run(sql, std::move(values));
    }

    core::Task<Rows> run(Sql sql, Values values) {
        std::vector<Rows> results =
            co_await ask(Unit::of(sql.postgres, std::move(values)), nullptr);
        co_return std::move(results.front());
    }

    core::Task<std::vector<Rows>> ask(Unit unit, Step* commits) {
        using Results = std::vector<Rows>;
        return await_reply<Results>(
            [this, unit = std::move(unit), commits](Reply<Results> reply) mutable {
                on_loop([&pool = *home_->pool, unit = std::move(unit), commits,
                         reply = std::move(reply)]() mutable {
                    pool.run({std::move(unit), std::move(reply), commits});
                });
            });
    }

    template <typename Work>
    void on_loop(Work work) {
        boost::asio::post(home_->loop.context(), std::move(work));
    }

    std::shared_ptr<Home> home_;
    const std::string description_;
    const std::shared_ptr<Step> commits_;  // null: nobody measures
};

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { ::PQconninfoFree(options); }
};

// Host, port and name only: an address may hold a password.
std::string describe(const PQconninfoOption* options) {
    std::string host = "local socket";
    std::string port = "5432";
    std::string name;
    for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        const std::string_view keyword = option->keyword;
        if (keyword == "host") host = option->val;
        if (keyword == "port") port = option->val;
        if (keyword == "dbname") name = option->val;
    }
    return "PostgreSQL at " + host + ":" + port + "/" + name;
}

// Of "user:pass/word@host" libpq makes a host "user" with the port "pass", and would name it.
bool has_plain_port(const PQconninfoOption* options) {
    for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
        if (option->val == nullptr || std::string_view(option->keyword) != "port") continue;
        return std::string_view(option->val).find_first_not_of("0123456789,") ==
               std::string_view::npos;
    }
    return true;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

std::unique_ptr<db::Database> open(const Place& place) {
    const bool is_url =
        place.address.starts_with("postgres://") || place.address.starts_with("postgresql://");
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        is_url ? ::PQconninfoParse(place.address.c_str(), nullptr) : nullptr);
    if (!options)
        throw std::invalid_argument(
            "the address of a PostgreSQL database is postgres://user:password@host:port/name");
    if (!has_plain_port(options.get()))
        throw std::invalid_argument(
            "the port of a PostgreSQL database is a number; in a password / is written %2F, @ %40");
    const std::string schema = place.schema.empty() ? "public" : place.schema;
    if (!is_plain_name(schema))
        throw std::invalid_argument("'" + schema +
                                    "' cannot be a PostgreSQL schema: use a-z, 0-9, _");
    const Address address{place.address, schema, std::chrono::milliseconds(place.timeout_ms)};
    return std::make_unique<Database>(address, place.connections_max, describe(options.get()),
                                      commits_of(place));
}

}  // namespace souk::db::postgres
