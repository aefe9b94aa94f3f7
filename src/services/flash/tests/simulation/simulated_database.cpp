#include "services/flash/tests/simulation/simulated_database.h"

#include "platform/core/error.h"
#include "platform/db/sqlite/migrate.h"

#include <array>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace souk::flash::simulation {
namespace {

// A user whose orders the database does not take.
constexpr std::string_view refused_user = "refused";

// Where a comparison of store.cpp is left out.
struct Omission {
    Plant plant;
    std::string_view text;
    std::string_view instead;
};
constexpr std::array<Omission, 4> omissions = {
    {{Plant::old_sale_lowers_stock, "WHERE id = $1 AND epoch = $2 AND stock >= $3",
      "WHERE id = $1 AND $2 > 0 AND stock >= $3"},
     {Plant::cancelled_again, "state = 'confirmed' AND accepted_at", "accepted_at"},
     {Plant::cancelled_again, "state FROM orders WHERE id = $1",
      "state FROM orders WHERE id = $1 AND state <> 'cancelled'"},
     {Plant::batch_written_again, "RETURNING position", "RETURNING 0"}}
};

struct Begun {};

std::string planted(std::string_view sql, Plant plant) {
    std::string text(sql);
    for (const Omission& each : omissions) {
        const auto found = each.plant == plant ? text.find(each.text) : std::string::npos;
        if (found != std::string::npos) text.replace(found, each.text.size(), each.instead);
    }
    return text;
}

bool inserts_orders(std::string_view sql) {
    return sql.find("INSERT INTO orders (") != std::string_view::npos;
}

}  // namespace

struct SimulatedDatabase::Session {
    bool is_open = true;
};

// Waits for its turn. A statement of a transaction has its turn at once, a writer when no
// transaction is open.
struct SimulatedDatabase::Request {
    std::shared_ptr<Session> session;  // whose transaction it belongs to
    bool writes;
    bool begins;  // without its answer nobody would end the transaction
    std::function<std::function<void()>(Fate)> work;  // gives the answering
};

struct SimulatedDatabase::Core {
    std::string file;
    const char* vfs;
    Plant plant;
    Look look;
    bool closed = false;
    std::unique_ptr<db::sqlite::Connection> writer;
    std::unique_ptr<db::sqlite::Connection> reader;
    std::shared_ptr<Session> session;  // the open transaction's
    std::deque<Request> requests;
    std::deque<std::function<void()>> late;
    std::optional<db::Values> position;  // planted: to be written after the commit

    std::unique_ptr<db::sqlite::Connection> connect(db::sqlite::Mode mode) const {
        return std::make_unique<db::sqlite::Connection>(
            file, mode,
            db::sqlite::Connection::Options{
                .busy_timeout_ms = 0, .cache_kib = 1024, .checkpoint_pages = 40, .vfs = vfs});
    }
    db::sqlite::Connection& open() {
        if (!writer) {
            auto opened = connect(db::sqlite::Mode::read_write);
            if (!opened->make_durable())
                throw core::Unavailable("the latest commit cannot be made certain yet");
            writer = std::move(opened);
            look(*writer);
        }
        return *writer;
    }

    // As the writer of production: after a failure its connection is not trusted any more.
    void end_session(bool drop) {
        if (session) session->is_open = false;
        session.reset();
        position.reset();
        try {
            if (writer && writer->in_transaction()) writer->execute("ROLLBACK");
        } catch (const std::exception&) {
            drop = true;
        }
        if (drop) writer.reset();
    }

    bool is_eligible(const Request& request) const {
        if (request.session) return true;
        return !request.writes || !session;
    }
    std::size_t nth_eligible(std::size_t n) const {
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (is_eligible(requests[i]) && n-- == 0) return i;
        }
        return requests.size();
    }

    void run_commit() {
        writer->commit();
        look(*writer);
        if (!position) return;
        writer->run(
            "INSERT INTO worker_position (log, position) VALUES ($1, $2) ON CONFLICT (log) DO "
            "UPDATE SET position = excluded.position",
            *position);
        look(*writer);
    }

    db::Rows run_read(const char* sql, const db::Values& values) {
        open();  // the reader cannot make the file
        if (!reader) reader = connect(db::sqlite::Mode::read_only);
        try {
            return reader->run(sql, values);
        } catch (...) {
            reader.reset();
            throw;
        }
    }
    std::vector<db::Rows> run_writes(const std::vector<db::Statement>& statements) {
        try {
            open().execute("BEGIN IMMEDIATE");
            std::vector<db::Rows> results;
            for (const db::Statement& each : statements)
                results.push_back(writer->run(each.sql.sqlite, each.values));
            run_commit();
            return results;
        } catch (...) {
            end_session(true);
            throw;
        }
    }

    std::int64_t change(const std::string& text, const db::Values& row) {
        if (!inserts_orders(text)) return writer->change(text, row);
        for (const db::Value& each : row) {
            const auto* user = std::get_if<std::string>(&each);
            if (user && *user == refused_user) throw db::Refused("this user is refused");
        }
        const std::int64_t changed = writer->change(text, row);
        return plant == Plant::batch_written_again ? 1 : changed;
    }

    template <typename T>
    core::Task<T> ask(std::shared_ptr<Session> of, bool writes, std::function<T()> work) {
        return db::await_reply<T>(
            [this, of = std::move(of), writes, work = std::move(work)](db::Reply<T> reply) {
                const auto owed = std::make_shared<db::Reply<T>>(std::move(reply));
                constexpr bool begins = std::is_same_v<T, Begun>;
                requests.push_back({of, writes, begins, [this, of, work, owed](Fate fate) {
                                        return answer<T>(of, work, owed, fate);
                                    }});
            });
    }

    template <typename T>
    std::function<void()> answer(const std::shared_ptr<Session>& of, const std::function<T()>& work,
                                 const std::shared_ptr<db::Reply<T>>& owed, Fate fate) {
        std::optional<db::Failure> why;
        const auto value = std::make_shared<T>();
        try {
            if (fate == Fate::refused) throw core::Unavailable("the database does not answer");
            if (of && !of->is_open) throw core::Unavailable("this transaction is over");
            *value = work();
            if (fate == Fate::answer_lost) throw core::Unavailable("the answer was lost");
        } catch (...) {
            why = db::Failure::caught();
            const bool is_ours = of && of == session;
            if (is_ours) end_session(true);
        }
        return [owed, value, why] { why ? owed->fail(*why) : owed->give(std::move(*value)); };
    }
};

class SimulatedDatabase::Engine final : public db::TransactionEngine {
public:
    Engine(std::shared_ptr<Core> core, std::shared_ptr<Session> session)
        : core_(std::move(core)), session_(std::move(session)) {}
    ~Engine() override {
        if (!core_->closed && session_->is_open) core_->end_session(false);
    }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    core::Task<db::Rows> run(db::Sql sql, db::Values values) override {
        Core* const core = core_.get();
        return core->ask<db::Rows>(session_, true, [core, sql, values = std::move(values)] {
            const std::string_view text(sql.sqlite);
            const bool moves = text.find("position = excluded.position") != std::string_view::npos;
            if (core->plant == Plant::position_apart && moves) {
                core->position = values;
                return db::Rows();
            }
            return core->writer->run(planted(text, core->plant), values);
        });
    }

    core::Task<std::vector<std::int64_t>> run_many(db::Sql sql,
                                                   std::vector<db::Values> rows) override {
        Core* const core = core_.get();
        using Changed = std::vector<std::int64_t>;
        return core->ask<Changed>(session_, true, [core, sql, rows = std::move(rows)] {
            const std::string text = planted(sql.sqlite, core->plant);
            Changed changed;
            for (const db::Values& row : rows) changed.push_back(core->change(text, row));
            return changed;
        });
    }

    core::Task<> commit() override {
        Core* const core = core_.get();
        co_await core->ask<db::Done>(session_, true, [core] {
            core->run_commit();
            core->end_session(false);
            return db::Done();
        });
    }

private:
    std::shared_ptr<Core> core_;
    std::shared_ptr<Session> session_;
};

SimulatedDatabase::SimulatedDatabase(std::string file, const char* vfs, Plant plant, Look look)
    : core_(std::make_shared<Core>()) {
    core_->file = std::move(file);
    core_->vfs = vfs;
    core_->plant = plant;
    core_->look = std::move(look);
}

SimulatedDatabase::~SimulatedDatabase() {
    core_->closed = true;
    core_->requests.clear();
    core_->late.clear();
    core_->reader.reset();
    core_->writer.reset();
}

std::size_t SimulatedDatabase::waiting() const {
    std::size_t count = 0;
    for (const Request& each : core_->requests) count += core_->is_eligible(each) ? 1 : 0;
    return count;
}

std::size_t SimulatedDatabase::late() const { return core_->late.size(); }

void SimulatedDatabase::carry_out(std::size_t n, Fate fate) {
    const std::size_t i = core_->nth_eligible(n);
    const Request request = std::move(core_->requests[i]);
    core_->requests.erase(core_->requests.begin() + static_cast<std::ptrdiff_t>(i));
    if (request.begins && fate == Fate::answer_lost) fate = Fate::refused;
    std::function<void()> answering = request.work(fate);
    if (fate == Fate::answered_late) {
        core_->late.push_back(std::move(answering));
    } else {
        answering();
    }
}

void SimulatedDatabase::answer_late(std::size_t n) {
    const auto answering = std::move(core_->late[n]);
    core_->late.erase(core_->late.begin() + static_cast<std::ptrdiff_t>(n));
    answering();
}

void SimulatedDatabase::look_now() {
    if (core_->session) return;  // nobody may see what is not committed
    if (core_->writer) return core_->look(*core_->writer);
    core_->open();
}

core::Task<std::vector<db::Rows>> SimulatedDatabase::write_all(
    std::vector<db::Statement> statements) {
    Core* const core = core_.get();
    using Results = std::vector<db::Rows>;
    return core->ask<Results>(nullptr, true, [core, statements = std::move(statements)] {
        return core->run_writes(statements);
    });
}

core::Task<db::Transaction> SimulatedDatabase::begin() {
    const auto session = std::make_shared<Session>();
    const std::shared_ptr<Core> core = core_;
    co_await core->ask<Begun>(nullptr, true, [core, session] {
        core->session = session;
        try {
            core->open().execute("BEGIN IMMEDIATE");
        } catch (...) {
            core->end_session(true);
            throw;
        }
        return Begun();
    });
    co_return db::Transaction(std::make_unique<Engine>(core, session));
}

core::Task<int> SimulatedDatabase::migrate(db::Migrations migrations) {
    Core* const core = core_.get();
    return core->ask<int>(nullptr, true, [core, migrations] {
        try {
            return db::sqlite::migrate(core->open(), migrations);
        } catch (...) {
            core->end_session(true);
            throw;
        }
    });
}

core::Task<db::Rows> SimulatedDatabase::read_values(db::Sql sql, db::Values values) {
    Core* const core = core_.get();
    return core->ask<db::Rows>(nullptr, false, [core, sql, values = std::move(values)] {
        return core->run_read(sql.sqlite, values);
    });
}

core::Task<db::Rows> SimulatedDatabase::write_values(db::Sql sql, db::Values values) {
    Core* const core = core_.get();
    return core->ask<db::Rows>(nullptr, true, [core, sql, values = std::move(values)] {
        return core
            ->run_writes({
                {sql, values}
        })
            .front();
    });
}

}  // namespace souk::flash::simulation
