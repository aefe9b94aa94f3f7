// The part of the writer that serves interactive transactions: it does one statement after the
// other as their owner sends them, and nobody else's in between.
#include "platform/db/sqlite/transaction.h"
#include "platform/db/sqlite/writer.h"

#include <utility>

namespace souk::db::sqlite {

void Writer::serve_session(Group& group, Begin& begin) {
    if (!do_statement(group, begin.reply, [&group] { group.enter(); })) return;
    const auto session = std::make_shared<Session>();
    const Clock::time_point deadline = Clock::now() + timeout_;
    begin.reply.give(std::make_unique<Transaction>(shared_from_this(), session));
    close_session(*session, serve_commands(group, *session, deadline));
}

// Gives why the transaction is over.
Failure Writer::serve_commands(Group& group, Session& session, Clock::time_point deadline) {
    for (;;) {
        Command command = take_command(session, deadline);
        if (auto* commit = std::get_if<Commit>(&command)) {
            group.keep(std::move(commit->reply), Done());
            return Failure::mistake("this transaction was committed already");
        }
        if (std::holds_alternative<Abandon>(command)) {
            group.undo();
            return Failure::unavailable("the transaction was open for more than " +
                                        std::to_string(timeout_.count()) +
                                        " ms and was rolled back");
        }
        if (!serve_statement(group, command)) {
            group.undo();
            if (group.is_broken())
                return Failure::unavailable(
                    "this transaction was rolled back when the database failed");
            return Failure::mistake(
                "this transaction was rolled back when a statement of it failed");
        }
    }
}

bool Writer::serve_statement(Group& group, Command& command) {
    if (auto* one = std::get_if<Run>(&command)) {
        return do_statement(group, one->reply,
                            [&] { one->reply.give(connection_->run(one->sql, one->values)); });
    }
    auto& many = std::get<RunMany>(command);
    return do_statement(group, many.reply, [&] {
        std::vector<std::int64_t> changed;
        changed.reserve(many.rows.size());
        for (const Values& row : many.rows) changed.push_back(connection_->change(many.sql, row));
        many.reply.give(std::move(changed));
    });
}

Command Writer::take_command(Session& session, Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [&] { return closing_ || session.next; });
    if (!session.next) return Abandon{};
    Command command = std::move(*session.next);
    session.next.reset();
    return command;
}

void Writer::close_session(Session& session, Failure why) {
    std::optional<Command> late;
    {
        const std::lock_guard lock(mutex_);
        session.closed_because = why;
        late = std::exchange(session.next, std::nullopt);
    }
    if (late) refuse(*late, why);
}

}  // namespace souk::db::sqlite
