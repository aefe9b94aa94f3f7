#include "platform/db/libsql/server.h"

#include "platform/core/error.h"
#include "platform/core/escape.h"
#include "platform/db/libsql/attempts.h"

#include <boost/asio/co_spawn.hpp>

namespace souk::db::libsql {
namespace {

constexpr int attempts_max = 4;
constexpr std::size_t answer_bytes_max = 16 << 20;
constexpr std::size_t excerpt_bytes_max = 200;

std::string excerpt(const std::string& body) {
    std::string safe;
    core::escape_pretty(std::string_view(body).substr(0, excerpt_bytes_max), safe);
    return safe;
}

}  // namespace

Server::Server(boost::asio::io_context& context, Options options)
    : context_(context),
      options_(std::move(options)),
      client_(std::make_unique<net::Client>()),
      readers_(context, options_.streams_max),
      writers_(context, options_.streams_max) {}

core::Task<std::string> Server::post(std::string url, std::string body,
                                     std::chrono::milliseconds patience, bool once) {
    net::Call call{.url = std::move(url) + "/v2/pipeline", .method = "POST"};
    call.headers = {
        {"Content-Type", "application/json"}
    };
    if (!options_.token.empty())
        call.headers.emplace_back("Authorization", "Bearer " + options_.token);
    call.body = std::move(body);
    call.patience = patience;
    call.body_bytes_max = answer_bytes_max;
    call.once = once;
    net::Answer answer = co_await send(std::move(call));
    if (answer.status / 100 == 2) co_return std::move(answer.body);
    if (answer.status == 401 || answer.status == 403) {
        throw core::Unavailable("libSQL at " + options_.address.host +
                                " refuses the token; check TURSO_AUTH_TOKEN");
    }
    throw core::Unavailable("libSQL at " + options_.address.host + " answered " +
                            std::to_string(answer.status) + ": " + excerpt(answer.body));
}

core::Task<net::Answer> Server::send(net::Call call) {
    Attempts attempts(call.patience);
    for (int attempt = 1;; ++attempt) {
        if (!client_) throw core::Unavailable("the database is being closed");
        std::exception_ptr not_sent;
        try {
            call.patience = attempts.left();
            co_return co_await client_->send(call);
        } catch (const net::NotSent&) {
            not_sent = std::current_exception();
        }
        const bool is_last = attempt == attempts_max || !co_await attempts.again();
        if (is_last) std::rethrow_exception(not_sent);
    }
}

void Server::spawn(core::Task<> task) {
    ++running_;
    const auto finished = [self = shared_from_this()](std::exception_ptr bug) {
        --self->running_;
        self->note_quiet();
        if (bug) std::rethrow_exception(bug);
    };
    boost::asio::co_spawn(context_, std::move(task), finished);
}

std::future<void> Server::close() {
    is_closing_ = true;
    readers_.close();
    writers_.close();
    client_.reset();  // answers whoever waits for the server
    std::future<void> quiet = quiet_.get_future();
    note_quiet();
    return quiet;
}

void Server::note_quiet() {
    if (is_closing_ && running_ == 0 && !std::exchange(was_quiet_, true)) quiet_.set_value();
}

}  // namespace souk::db::libsql
