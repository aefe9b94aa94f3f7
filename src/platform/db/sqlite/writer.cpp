#include "platform/db/sqlite/writer.h"

#include "platform/core/error.h"

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

void Writer::write_all(std::vector<db::Statement> statements, Reply<std::vector<Rows>> reply) {
    enqueue(WriteAll{std::move(statements), std::move(reply)});
}

void Writer::begin(Reply<std::unique_ptr<TransactionEngine>> reply) {
    enqueue(Begin{std::move(reply)});
}

void Writer::run_alone(std::function<int(Connection&)> work, Reply<int> reply) {
    enqueue(Alone{std::move(work), std::move(reply)});
}

void Writer::enqueue(Entrant what) {
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
        serve_member(*group, *next);
        next.reset();
        const bool full = members >= group_members_max || Clock::now() >= close_at;
        if (!full && !group->is_broken()) next = take_for_group();
    }
    if (!group->finish()) drop_connection();
}

void Writer::serve_member(Group& group, Waiting& member) {
    if (auto* one = std::get_if<Write>(&member.what))
        serve_write(group, one->reply, [&] { return connection_->run(one->sql, one->values); });
    if (auto* all = std::get_if<WriteAll>(&member.what)) {
        serve_write(group, all->reply, [&] {
            std::vector<Rows> results;
            results.reserve(all->statements.size());
            for (const db::Statement& each : all->statements)
                results.push_back(connection_->run(each.sql.sqlite, each.values));
            return results;
        });
    }
    if (auto* begin = std::get_if<Begin>(&member.what)) serve_session(group, *begin);
}

template <typename T, typename Work>
void Writer::serve_write(Group& group, Reply<T>& reply, Work work) {
    T result;
    const auto run = [&] {
        group.enter();
        result = work();
    };
    if (do_statement(group, reply, run)) {
        group.keep(std::move(reply), std::move(result));
    } else {
        group.undo();
    }
}

}  // namespace souk::db::sqlite
