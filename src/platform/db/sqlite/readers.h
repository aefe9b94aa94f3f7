// A few threads, each with a read-only connection of its own, that answer reading statements.
#pragma once

#include "platform/db/database.h"
#include "platform/db/reply.h"
#include "platform/db/sql.h"
#include "platform/db/sqlite/connection.h"
#include "platform/db/sqlite/writer.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace souk::db::sqlite {

class Readers {
public:
    // Threads start when they are needed, up to `connections_max`. The writer must outlive this.
    Readers(const Place& place, Writer& writer);
    ~Readers();

    void read(const char* sql, Values values, Reply<Rows> reply);  // any thread

private:
    using Clock = std::chrono::steady_clock;
    struct Question {
        const char* sql;
        Values values;
        Reply<Rows> reply;
        Clock::time_point deadline;
    };

    void add_thread();
    void wake_one(std::unique_lock<std::mutex> lock);
    void work();
    std::optional<Question> take();  // waits; empty when closing
    void answer(std::unique_ptr<Connection>& connection, Question& question);
    Rows run(std::unique_ptr<Connection>& connection, const Question& question);

    const std::string file_;
    Writer& writer_;
    const std::size_t threads_max_;
    const std::chrono::milliseconds timeout_;
    const char* const vfs_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Question> waiting_;
    std::size_t idle_ = 0;
    bool is_waking_ = false;  // an idle thread was told, and is not here yet
    bool closing_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace souk::db::sqlite
