#include "platform/db/sqlite/database.h"

#include "platform/db/sqlite/migrate.h"
#include "platform/db/sqlite/readers.h"
#include "platform/db/sqlite/writer.h"
#include "platform/db/step.h"

#include <stdexcept>
#include <utility>

namespace souk::db::sqlite {
namespace {

constexpr int writer_cache_kib = 64 * 1024;

// What holds up whoever waits for the writer.
struct Steps {
    Steps(metrics::Registry& metrics, const std::string& name)
        : commit(metrics, commit_names(name, "the disk took {} to sync the database")),
          checkpoint(metrics, {"souk_db_checkpoint_seconds",
                               "Copying the write-ahead log into the database file",
                               {{"database", name}},
                               name,
                               "a checkpoint of the database took {}"}) {}
    Step commit;
    Step checkpoint;
};

class Database final : public db::Database {
public:
    explicit Database(const Place& place)
        : file_(place.file),
          steps_(place.metrics == nullptr ? nullptr
                                          : std::make_unique<Steps>(*place.metrics, place.schema)),
          writer_(std::make_shared<Writer>(place.file, writer_options(place))),
          readers_(std::make_unique<Readers>(place, *writer_)) {}

    // Readers first: then the writer is the last to close the file, and checkpoints it. A
    // transaction may outlive this object, so the writer is told rather than destroyed.
    ~Database() override {
        readers_.reset();
        writer_->close();
    }

    core::Task<std::vector<Rows>> write_all(std::vector<db::Statement> statements) override {
        using Results = std::vector<Rows>;
        return await_reply<Results>(
            [this, statements = std::move(statements)](Reply<Results> reply) mutable {
                writer_->write_all(std::move(statements), std::move(reply));
            });
    }

    core::Task<db::Transaction> begin() override {
        using Engine = std::unique_ptr<TransactionEngine>;
        Engine engine = co_await await_reply<Engine>(
            [this](Reply<Engine> reply) { writer_->begin(std::move(reply)); });
        co_return db::Transaction(std::move(engine));
    }

    core::Task<int> migrate(Migrations migrations) override {
        return await_reply<int>([this, migrations](Reply<int> reply) {
            const auto work = [migrations](Connection& connection) {
                connection.clear_deadline();  // a migration takes as long as it takes
                return sqlite::migrate(connection, migrations);
            };
            writer_->run_alone(work, std::move(reply));
        });
    }

    core::Task<bool> claim(std::string) override { co_return true; }

    std::string describe() const override { return "SQLite at " + file_; }

private:
    core::Task<Rows> read_values(Sql sql, Values values) override {
        return await_reply<Rows>(
            [this, sql, values = std::move(values)](Reply<Rows> reply) mutable {
                readers_->read(sql.sqlite, std::move(values), std::move(reply));
            });
    }

    core::Task<Rows> write_values(Sql sql, Values values) override {
        return await_reply<Rows>(
            [this, sql, values = std::move(values)](Reply<Rows> reply) mutable {
                writer_->write(sql.sqlite, std::move(values), std::move(reply));
            });
    }

    Connection::Options writer_options(const Place& place) const {
        Connection::Options options;
        options.busy_timeout_ms = place.timeout_ms;
        options.cache_kib = writer_cache_kib;
        options.vfs = place.vfs;
        options.commits = steps_ ? &steps_->commit : nullptr;
        options.checkpoints = steps_ ? &steps_->checkpoint : nullptr;
        return options;
    }

    const std::string file_;
    const std::unique_ptr<Steps> steps_;
    std::shared_ptr<Writer> writer_;
    std::unique_ptr<Readers> readers_;
};

}  // namespace

std::unique_ptr<db::Database> open(const Place& place) {
    if (place.file.empty())
        throw std::invalid_argument("a SQLite database needs the path of its file");
    return std::make_unique<Database>(place);
}

}  // namespace souk::db::sqlite
