#include "platform/db/sqlite/writer.h"

#include "platform/core/error.h"
#include "platform/db/sqlite/transaction.h"

#include <pthread.h>
#include <utility>

namespace souk::db::sqlite {
namespace {

constexpr std::size_t waiting_max = 4096;
constexpr int group_members_max = 64;
constexpr std::chrono::milliseconds group_age_max{5};

}  // namespace

void Writer::Waiting::refuse(const Failure& why) {
    std::visit([&why](auto& entrant) { entrant.reply.fail(why); }, what);
}

Writer::Writer(std::string file, const Connection::Options& options)
    : file_(std::move(file)),
      timeout_(options.busy_timeout_ms),
      options_(options),
      thread_([this] { work(); }) {}

Writer::~Writer() { close(); }

void Writer::write(const char* sql, Values values, Reply<Rows> reply) {
    enqueue(Write{sql, std::move(values), std::move(reply)});
}

void Writer::begin(Reply<std::unique_ptr<TransactionEngine>> reply) {
    enqueue(Begin{std::move(reply)});
}

void Writer::run_alone(std::function<int(Connection&)> work, Reply<int> reply) {
    enqueue(Alone{std::move(work), std::move(reply)});
}

void Writer::enqueue(std::variant<Write, Begin, Alone> what) {
    Waiting entrant{std::move(what), Clock::now() + timeout_};
    std::unique_lock lock(mutex_);
    const char* refusal = nullptr;
    if (closing_) refusal = "the database is being closed";
    if (waiting_.size() >= waiting_max) refusal = "too many writes are waiting for the database";
    if (refusal == nullptr) {
        waiting_.push_back(std::move(entrant));
        changed_.notify_all();
        return;
    }
    lock.unlock();
    entrant.refuse(Failure::unavailable(refusal));
}

void Writer::open_for_reader() {
    std::unique_lock lock(mutex_);
    if (is_open_) return;
    open_asked_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !open_asked_ || closing_; });
}

void Writer::command(Session& session, Command command) {
    std::unique_lock lock(mutex_);
    const std::optional<Failure> refusal = session.closed_because;
    if (!refusal) {
        session.next = std::move(command);
        changed_.notify_all();
        return;
    }
    lock.unlock();
    refuse(command, *refusal);
}

void Writer::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void Writer::work() {
    ::pthread_setname_np(::pthread_self(), "sqlite-writer");
    while (std::optional<Waiting> next = take()) serve(std::move(*next));
    connection_.reset();
}

std::optional<Writer::Waiting> Writer::take() {
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closing_ || open_asked_ || !waiting_.empty(); });
        if (closing_) break;
        if (open_asked_) {
            lock.unlock();
            open_as_asked();
            continue;
        }
        std::optional<Waiting> first(std::move(waiting_.front()));
        waiting_.pop_front();
        return first;
    }
    const std::lock_guard lock(mutex_);
    waiting_.clear();  // answers them all
    return std::nullopt;
}

std::optional<Writer::Waiting> Writer::take_for_group() {
    const std::lock_guard lock(mutex_);
    if (closing_ || waiting_.empty() || std::holds_alternative<Alone>(waiting_.front().what))
        return std::nullopt;
    std::optional<Waiting> next(std::move(waiting_.front()));
    waiting_.pop_front();
    return next;
}

void Writer::open_if_needed() {
    if (connection_) return;
    connection_ = std::make_unique<Connection>(file_, Mode::read_write, options_);
    const std::lock_guard lock(mutex_);
    is_open_ = true;
}

// What the file shows may be in memory only, after a failed commit here or the end of an earlier
// process. Nothing is written on top of it before it is certain.
void Writer::get_ready_to_write() {
    open_if_needed();
    if (is_durable_) return;
    is_durable_ = connection_->make_durable();
    if (!is_durable_)
        throw core::Unavailable(file_ + ": the latest commit cannot be made certain yet");
}

// After an error the state of a connection is not worth guessing at: the next transaction opens
// anew.
void Writer::drop_connection() {
    connection_.reset();
    is_durable_ = false;
    const std::lock_guard lock(mutex_);
    is_open_ = false;
}

void Writer::open_as_asked() {
    try {
        open_if_needed();
    } catch (const std::exception&) {
        drop_connection();  // the reader now fails to open as well, and says why
    }
    const std::lock_guard lock(mutex_);
    open_asked_ = false;
    changed_.notify_all();
}

void Writer::serve(Waiting first) {
    if (Clock::now() > first.deadline)
        return first.refuse(Failure::unavailable("the database was too slow"));
    try {
        get_ready_to_write();
    } catch (const std::exception&) {
        drop_connection();
        return first.refuse(Failure::caught());
    }
    if (auto* alone = std::get_if<Alone>(&first.what)) return serve_alone(*alone);
    serve_group(std::move(first));
}

void Writer::serve_alone(Alone& alone) {
    try {
        const int result = alone.work(*connection_);
        alone.reply.give(result);
    } catch (const std::exception&) {
        drop_connection();
        alone.reply.fail(Failure::caught());
    }
}

void Writer::serve_group(Waiting first) {
    std::optional<Group> group;
    try {
        group.emplace(*connection_);
    } catch (const std::exception&) {
        drop_connection();
        return first.refuse(Failure::caught());
    }
    const Clock::time_point close_at = Clock::now() + group_age_max;
    std::optional<Waiting> next(std::move(first));
    for (int members = 1; next; ++members) {
        if (auto* write = std::get_if<Write>(&next->what)) serve_write(*group, *write);
        if (auto* begin = std::get_if<Begin>(&next->what)) serve_session(*group, *begin);
        next.reset();
        const bool full = members >= group_members_max || Clock::now() >= close_at;
        if (!full && !group->is_broken()) next = take_for_group();
    }
    if (!group->finish()) drop_connection();
}

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

void Writer::serve_write(Group& group, Write& write) {
    Rows result;
    const auto run = [&] {
        group.enter();
        result = connection_->run(write.sql, write.values);
    };
    if (do_statement(group, write.reply, run)) {
        group.keep(std::move(write.reply), std::move(result));
    } else {
        group.undo();
    }
}

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
            group.keep(std::move(commit->reply));
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
