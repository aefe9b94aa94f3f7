#include "platform/db/sqlite/readers.h"

#include "platform/core/error.h"
#include "platform/log/log.h"

#include <algorithm>
#include <pthread.h>
#include <system_error>
#include <utility>

namespace souk::db::sqlite {
namespace {

constexpr std::size_t waiting_max = 4096;

}  // namespace

Readers::Readers(const Place& place, Writer& writer)
    : file_(place.file),
      writer_(writer),
      threads_max_(static_cast<std::size_t>(std::max(place.connections_max, 1))),
      timeout_(place.timeout_ms),
      vfs_(place.vfs) {}

Readers::~Readers() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        changed_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
}

void Readers::read(const char* sql, Values values, Reply<Rows> reply) {
    Question question{sql, std::move(values), std::move(reply), Clock::now() + timeout_};
    std::unique_lock lock(mutex_);
    if (!closing_ && waiting_.size() < waiting_max) {
        waiting_.push_back(std::move(question));
        if (waiting_.size() > idle_ && threads_.size() < threads_max_) add_thread();
        if (!threads_.empty()) return wake_one(std::move(lock));
        question = std::move(waiting_.back());
        waiting_.pop_back();
    }
    lock.unlock();
    question.reply.fail(Failure::unavailable("too many reads are waiting for the database"));
}

// One thread at a time is woken; it wakes the next when it finds more than it takes. So a burst
// costs no more changes of threads than the processors there are can use.
void Readers::wake_one(std::unique_lock<std::mutex> lock) {
    if (idle_ == 0 || is_waking_) return;
    is_waking_ = true;
    lock.unlock();  // else who wakes would wait for it
    changed_.notify_one();
}

// Where the system gives no more threads, those there are go on alone.
void Readers::add_thread() {
    try {
        threads_.emplace_back([this] { work(); });
    } catch (const std::system_error& failure) {
        log::warn("db", "no thread can be started to read",
                  {
                      {"reason", failure.what()}
        });
    }
}

void Readers::work() {
    ::pthread_setname_np(::pthread_self(), "sqlite-reader");
    std::unique_ptr<Connection> connection;
    while (std::optional<Question> next = take()) answer(connection, *next);
}

std::optional<Readers::Question> Readers::take() {
    std::unique_lock lock(mutex_);
    while (!closing_ && waiting_.empty()) {
        ++idle_;
        changed_.wait(lock);
        --idle_;
        is_waking_ = false;
    }
    if (closing_) return std::nullopt;
    std::optional<Question> next(std::move(waiting_.front()));
    waiting_.pop_front();
    if (!waiting_.empty()) wake_one(std::move(lock));
    return next;
}

void Readers::answer(std::unique_ptr<Connection>& connection, Question& question) {
    try {
        question.reply.give(run(connection, question));
    } catch (const core::Unavailable&) {
        connection.reset();  // the next read opens anew
        question.reply.fail(Failure::caught());
    } catch (const std::exception&) {
        question.reply.fail(Failure::caught());
    }
}

Rows Readers::run(std::unique_ptr<Connection>& connection, const Question& question) {
    if (Clock::now() > question.deadline) throw core::Unavailable("the database was too slow");
    if (!connection) {
        writer_.open_for_reader();
        Connection::Options options;
        options.busy_timeout_ms = static_cast<int>(timeout_.count());
        options.vfs = vfs_;
        connection = std::make_unique<Connection>(file_, Mode::read_only, options);
    }
    connection->set_deadline(question.deadline);
    if (!connection->prepare(question.sql).is_reading()) {
        throw std::logic_error(std::string("read() was given a statement that writes: ") +
                               question.sql);
    }
    return connection->run(question.sql, question.values);
}

}  // namespace souk::db::sqlite
