#include "platform/db/sqlite/database.h"

#include "platform/db/sqlite/migrate.h"
#include "platform/db/sqlite/readers.h"
#include "platform/db/sqlite/writer.h"

#include <stdexcept>
#include <utility>

namespace souk::db::sqlite {
namespace {

class Database final : public db::Database {
public:
    explicit Database(const Place& place)
        : file_(place.file),
          writer_(std::make_shared<Writer>(place.file, place.timeout_ms, place.vfs)),
          readers_(std::make_unique<Readers>(place, *writer_)) {}

    // Readers first: then the writer is the last to close the file, and checkpoints it. A
    // transaction may outlive this object, so the writer is told rather than destroyed.
    ~Database() override {
        readers_.reset();
        writer_->close();
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

    const std::string file_;
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
