#include "main/read_only.h"

#include "platform/core/error.h"
#include "platform/db/sqlite/connection.h"

#include <filesystem>
#include <stdexcept>

namespace souk {
namespace {

class ReadOnlyFile final : public db::Database {
public:
    ReadOnlyFile(const std::string& file, std::chrono::milliseconds patience)
        : connection_(file, db::sqlite::Mode::read_only), patience_(patience) {}

    core::Task<std::vector<db::Rows>> write_all(std::vector<db::Statement>) override {
        throw read_only();
    }
    core::Task<db::Transaction> begin() override { throw read_only(); }
    core::Task<int> migrate(db::Migrations) override { throw read_only(); }
    core::Task<bool> claim(std::string) override { throw read_only(); }
    std::string describe() const override { return "SQLite at " + connection_.path(); }

private:
    static std::logic_error read_only() {
        return std::logic_error("these tables were opened for reading");
    }

    core::Task<db::Rows> read_values(db::Sql sql, db::Values values) override {
        connection_.set_deadline(std::chrono::steady_clock::now() + patience_);
        co_return connection_.run(sql.sqlite, values);
    }
    core::Task<db::Rows> write_values(db::Sql, db::Values) override { throw read_only(); }

    db::sqlite::Connection connection_;
    const std::chrono::milliseconds patience_;
};

}  // namespace

std::unique_ptr<db::Database> open_read_only(const std::string& file,
                                             std::chrono::milliseconds patience) {
    if (!std::filesystem::exists(file)) {
        throw core::Unavailable(file +
                                " is not there: start souk on this data directory first, or "
                                "name another with --data-dir");
    }
    return std::make_unique<ReadOnlyFile>(file, patience);
}

}  // namespace souk
