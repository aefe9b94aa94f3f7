// The one thread that writes to a SQLite file, for all event loops, with group commit.
#pragma once

#include "platform/core/error.h"
#include "platform/db/sqlite/connection.h"
#include "platform/db/sqlite/group.h"
#include "platform/db/sqlite/session.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace souk::db::sqlite {

class Writer : public std::enable_shared_from_this<Writer> {
public:
    using Clock = std::chrono::steady_clock;

    // The file is opened with these, as often as it must be.
    Writer(std::string file, const Connection::Options& options);
    ~Writer();

    // Any thread. After close() everything is answered with core::Unavailable.
    void write(const char* sql, Values values, Reply<Rows> reply);
    void write_all(std::vector<db::Statement> statements, Reply<std::vector<Rows>> reply);
    void begin(Reply<std::unique_ptr<TransactionEngine>> reply);
    void run_alone(std::function<int(Connection&)> work,
                   Reply<int> reply);  // outside any transaction

    // For a reader that is about to open the file: waits until this thread has opened it, which
    // makes it and sets WAL, or has found that it cannot.
    void open_for_reader();

    // For the owner of a transaction.
    void command(Session& session, Command command);

    // Finishes the group in hand, closes the file and ends the thread.
    void close();

private:
    struct Write {
        const char* sql;
        Values values;
        Reply<Rows> reply;
    };
    struct WriteAll {
        std::vector<db::Statement> statements;
        Reply<std::vector<Rows>> reply;
    };
    struct Begin {
        Reply<std::unique_ptr<TransactionEngine>> reply;
    };
    struct Alone {
        std::function<int(Connection&)> work;
        Reply<int> reply;
    };
    using Entrant = std::variant<Write, WriteAll, Begin, Alone>;
    struct Waiting {
        Entrant what;
        Clock::time_point deadline;
        void refuse(const Failure& why);
    };

    void enqueue(Entrant what);
    void work();
    std::optional<Waiting> take();            // waits; empty when closing
    std::optional<Waiting> take_for_group();  // does not wait
    void open_if_needed();
    void get_ready_to_write();
    void drop_connection();
    void open_as_asked();
    void serve(Waiting first);
    void serve_alone(Alone& alone);
    void serve_group(Waiting first);
    void serve_member(Group& group, Waiting& member);
    template <typename T, typename Work>
    void serve_write(Group& group, Reply<T>& reply, Work work);
    void serve_session(Group& group, Begin& begin);
    Failure serve_commands(Group& group, Session& session, Clock::time_point deadline);
    bool serve_statement(Group& group, Command& command);
    template <typename Owner, typename Work>
    bool do_statement(Group& group, Owner& reply, Work work);
    Command take_command(Session& session, Clock::time_point deadline);
    void close_session(Session& session, Failure why);

    const std::string file_;
    const std::chrono::milliseconds timeout_;
    const Connection::Options options_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Waiting> waiting_;
    bool closing_ = false;
    bool is_open_ = false;
    bool open_asked_ = false;

    std::unique_ptr<Connection> connection_;  // of the thread only
    bool is_durable_ = false;                 // what the connection sees
    std::thread thread_;                      // last: it uses all of the above
};

// Runs one statement's work and answers its owner when it fails. A refusal concerns only this
// member; anything else means that SQLite may have lost the whole transaction.
template <typename Owner, typename Work>
bool Writer::do_statement(Group& group, Owner& reply, Work work) {
    connection_->set_deadline(Clock::now() + timeout_);
    try {
        work();
        return true;
    } catch (const core::Unavailable&) {
        group.break_off(Failure::caught());
        reply.fail(Failure::caught());
    } catch (const std::exception&) {
        if (!connection_->in_transaction())
            group.break_off(Failure::unavailable("the transaction was rolled back"));
        reply.fail(Failure::caught());
    }
    return false;
}

}  // namespace souk::db::sqlite
