#include "platform/cache/redis/client.h"

#include "platform/core/error.h"
#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace souk::cache::on_redis {
namespace {

constexpr std::chrono::milliseconds pause_first{100};

}  // namespace

Client::Client(boost::asio::io_context& context, std::shared_ptr<Server> server,
               std::function<void()> connected)
    : context_(context),
      server_(std::move(server)),
      connected_(std::move(connected)),
      timer_(context) {}

void Client::start() {
    link_ = std::make_shared<Link>(context_, server_);
    boost::asio::co_spawn(context_, stay_connected(shared_from_this()),
                          [](const std::exception_ptr& bug) {
                              if (bug) std::rethrow_exception(bug);
                          });
}

core::Task<> Client::stay_connected(std::shared_ptr<Client> client) {
    const std::chrono::milliseconds longest = client->server_->patience.reconnect_max;
    std::chrono::milliseconds pause{};
    while (!client->is_closed_) {
        const core::Instant began = std::chrono::steady_clock::now();
        co_await client->serve_once();
        // Only a connection that lasted was a good one.
        const bool has_lasted = std::chrono::steady_clock::now() - began > longest;
        pause = has_lasted ? pause_first : std::clamp(pause * 2, pause_first, longest);
        co_await client->rest(pause);
        if (!client->is_closed_)
            client->link_ = std::make_shared<Link>(client->context_, client->server_);
    }
}

core::Task<> Client::serve_once() {
    const std::shared_ptr<Link> link = link_;
    std::string why;
    try {
        co_await link->open();
        note_connected();
        why = co_await link->serve();
        note_lost();
    } catch (const core::Unavailable& down) {
        why = down.what();
    }
    link_.reset();
    if (!is_closed_) note_absent(why);
}

void Client::note_connected() {
    is_connected_ = true;
    if (server_->circuit.note_connected()) log::info("cache", server_->description + " answers");
    if (connected_) connected_();
}

void Client::note_lost() {
    if (std::exchange(is_connected_, false)) server_->circuit.note_lost();
}

// Once until it is back: the attempts in between have nothing to add. While other loops have their
// connections, the service does not go without it.
void Client::note_absent(const std::string& why) {
    if (server_->circuit.may_tell_absence()) {
        log::warn("cache", server_->description + " is not there; the service goes on without it",
                  {
                      {"why", why}
        });
    } else if (server_->circuit.is_connected() && server_->circuit.may_complain()) {
        log::warn("cache", "one of the connections to " + server_->description + " is lost",
                  {
                      {"why", why}
        });
    }
}

core::Task<> Client::rest(std::chrono::milliseconds length) {
    if (is_closed_) co_return;
    timer_.expires_after(length);
    boost::system::error_code ignored;  // closed or not, who calls looks
    co_await timer_.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable_t<core::Executor>(), ignored));
}

void Client::close() {
    is_closed_ = true;
    timer_.cancel();
    if (link_) link_->close("the cache was closed");
}

void Client::abandon() {
    note_lost();
    if (link_) link_->abandon();
}

}  // namespace souk::cache::on_redis
