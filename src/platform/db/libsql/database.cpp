#include "platform/db/libsql/database.h"

#include "platform/core/loop.h"
#include "platform/db/libsql/migrate.h"
#include "platform/db/libsql/server.h"
#include "platform/db/libsql/statements.h"
#include "platform/db/libsql/transaction.h"
#include "platform/db/step.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace souk::db::libsql {
namespace {

// The thread on which all streams of one Database live. Transactions keep it as well, because they
// may outlive the Database.
struct Home {
    explicit Home(Server::Options options)
        : server(std::make_shared<Server>(loop.context(), std::move(options))) {}

    core::Loop loop{"libsql"};
    std::shared_ptr<Server> server;
};

class Database final : public db::Database {
public:
    explicit Database(Server::Options options)
        : description_("libSQL at " + options.address.host),
          home_(std::make_shared<Home>(std::move(options))) {}

    ~Database() override {
        std::promise<std::future<void>> closed;
        boost::asio::post(home_->loop.context(), [&] { closed.set_value(home_->server->close()); });
        closed.get_future().get().wait();
        home_->loop.stop();
        home_->loop.join();
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    core::Task<std::vector<Rows>> write_all(std::vector<Statement> statements) override {
        if (statements.empty()) co_return std::vector<Rows>();
        co_return co_await write(std::move(statements));
    }

    core::Task<db::Transaction> begin() override {
        using Engine = std::unique_ptr<TransactionEngine>;
        Engine engine = co_await run_on<Engine>(
            home_->server,
            [home = std::weak_ptr(home_)](Server& server) { return libsql::begin(server, home); });
        co_return db::Transaction(std::move(engine));
    }

    core::Task<int> migrate(Migrations migrations) override {
        return run_on<int>(home_->server, [migrations](Server& server) {
            return libsql::migrate(server, migrations);
        });
    }

    // Nothing at the server lives as long as this program does, so nobody can be kept out.
    core::Task<bool> claim(std::string) override {
        throw std::logic_error("a libSQL server has nothing to claim: it keeps no connection");
    }

    std::string describe() const override { return description_; }

private:
    core::Task<Rows> read_values(Sql sql, Values values) override {
        return run_on<Rows>(home_->server,
                            [sql, values = std::move(values)](Server& server) mutable {
                                return libsql::read(server, sql.sqlite, std::move(values));
                            });
    }

    core::Task<Rows> write_values(Sql sql, Values values) override {
        std::vector<Statement> one;
        one.push_back({sql, std::move(values)});
        std::vector<Rows> results = co_await write(std::move(one));
        co_return std::move(results.front());
    }

    core::Task<std::vector<Rows>> write(std::vector<Statement> statements) {
        return run_on<std::vector<Rows>>(
            home_->server, [statements = std::move(statements)](Server& server) mutable {
                return libsql::write_all(server, std::move(statements));
            });
    }

    const std::string description_;
    std::shared_ptr<Home> home_;
};

// No line of the log, as the other engines write for a slow one: how long a trip over the network
// takes is not ours to mend.
metrics::Histogram* commits_of(const Place& place) {
    if (place.metrics == nullptr) return nullptr;
    const Step::Names names = commit_names(place.schema, "");
    return &place.metrics->histogram(names.metric, names.help, names.labels);
}

}  // namespace

std::unique_ptr<db::Database> open(const Place& place) {
    return std::make_unique<Database>(
        Server::Options{.address = parse(place.address),
                        .token = place.token,
                        .timeout = std::chrono::milliseconds(place.timeout_ms),
                        .streams_max = static_cast<std::size_t>(std::max(place.connections_max, 1)),
                        .commits = commits_of(place)});
}

}  // namespace souk::db::libsql
