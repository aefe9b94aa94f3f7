// What a libSQL Database has on its own loop: the way to the server, the queues in front of it, and
// the coroutines that are under way. Every function is to be called there unless it says otherwise.
#pragma once

#include "platform/core/task.h"
#include "platform/db/libsql/address.h"
#include "platform/db/libsql/lane.h"
#include "platform/db/reply.h"
#include "platform/metrics/histogram.h"
#include "platform/net/client.h"

#include <boost/asio/post.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace souk::db::libsql {

class Server : public std::enable_shared_from_this<Server> {
public:
    struct Options {
        Address address;
        std::string token;
        std::chrono::milliseconds timeout;
        std::size_t streams_max;      // of reads, and of writes
        metrics::Histogram* commits;  // null: nobody measures
    };

    Server(boost::asio::io_context& context, Options options);

    // Sends a pipeline to `url` and gives the body of its answer. Throws core::Unavailable when
    // there is no answer or it is no 2xx. Unless `once` is set it may arrive twice; what surely did
    // not arrive is sent again, a few times.
    core::Task<std::string> post(std::string url, std::string body,
                                 std::chrono::milliseconds patience, bool once);

    // SQLite has readers and one writer. Statements and lists of them are writers together, because
    // the server keeps the order of theirs; an interactive transaction is alone, because it would
    // keep the others waiting there, where nobody keeps it.
    Lane& readers() { return readers_; }
    Lane& writers() { return writers_; }

    // Runs a coroutine of this database; it must answer for its own failures.
    void spawn(core::Task<> task);

    // Breaks everything off. The future is ready when no coroutine of this database runs any more.
    std::future<void> close();

    void note_commit(std::chrono::nanoseconds took) {
        if (options_.commits != nullptr) options_.commits->observe(took);
    }

    boost::asio::io_context& context() { return context_; }
    const Address& address() const { return options_.address; }
    std::chrono::milliseconds timeout() const { return options_.timeout; }

private:
    core::Task<net::Answer> send(net::Call call);
    void note_quiet();

    boost::asio::io_context& context_;
    const Options options_;
    std::unique_ptr<net::Client> client_;  // null when closed
    Lane readers_;
    Lane writers_;
    std::size_t running_ = 0;
    bool is_closing_ = false;
    bool was_quiet_ = false;
    std::promise<void> quiet_;
};

template <typename T>
core::Task<> answer(core::Task<T> work, Reply<T> reply) {
    try {
        reply.give(co_await std::move(work));
    } catch (const std::exception&) {
        reply.fail(Failure::caught());
    }
}

// From any loop: runs the coroutine that work(server) gives on the database's loop, and goes on
// with its answer on the caller's.
template <typename T, typename Work>
core::Task<T> run_on(std::shared_ptr<Server> server, Work work) {
    return await_reply<T>(
        [server = std::move(server), work = std::move(work)](Reply<T> reply) mutable {
            auto start = [server, work = std::move(work), reply = std::move(reply)]() mutable {
                server->spawn(answer<T>(work(*server), std::move(reply)));
            };
            boost::asio::post(server->context(), std::move(start));
        });
}

}  // namespace souk::db::libsql
