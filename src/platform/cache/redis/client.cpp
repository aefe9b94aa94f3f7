#include "platform/cache/redis/client.h"

#include "platform/core/error.h"
#include "platform/core/pause.h"
#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace souk::cache::on_redis {
namespace {

constexpr std::chrono::milliseconds pause_first{100};

std::string describe(const RedisAddress& address) {
    const bool is_ipv6 = address.host.find(':') != std::string::npos;
    return "Redis at " + (is_ipv6 ? "[" + address.host + "]" : address.host) + ":" +
           std::to_string(address.port);
}

// Of one call, and after it. Knows nothing of the client, which may be gone by then.
struct Listener {
    std::shared_ptr<Circuit> circuit;
    std::shared_ptr<const std::string> description;
    std::chrono::milliseconds patience;
};

core::Task<std::optional<Reply>> listen(Listener listener, std::shared_ptr<Call> call) {
    const bool is_done = co_await call->done.wait(listener.patience);
    if (!is_done || !call->reply) {
        listener.circuit->note_failure();
        if (!is_done && listener.circuit->may_complain())
            log::warn("cache", *listener.description + " does not answer in time");
        co_return std::nullopt;
    }
    if (call->reply->kind != Reply::Kind::error) co_return std::move(call->reply);
    if (listener.circuit->may_complain())
        log::warn("cache", *listener.description + " refuses",
                  {
                      {"error", call->reply->text}
        });
    co_return std::nullopt;
}

}  // namespace

Client::Client(boost::asio::io_context& context, RedisAddress address, const core::Clock& clock,
               Patience patience, std::function<void()> connected)
    : context_(context),
      address_(std::move(address)),
      patience_(patience),
      connected_(std::move(connected)),
      circuit_(std::make_shared<Circuit>(clock, patience.after_failure)),
      description_(std::make_shared<const std::string>(describe(address_))) {}

Client::~Client() {
    if (link_) link_->close("the cache was closed");
}

void Client::start() {
    boost::asio::co_spawn(context_, stay_connected(), [](const std::exception_ptr& bug) {
        if (bug) std::rethrow_exception(bug);
    });
}

core::Task<std::optional<Reply>> Client::refuse() { co_return std::nullopt; }

core::Task<std::optional<Reply>> Client::ask(Command command) {
    if (!circuit_->may_ask()) return refuse();
    auto call = std::make_shared<Call>(std::move(command));
    boost::asio::post(context_, [this, call] {
        if (link_) return link_->send(call);
        call->done.set();
    });
    return listen({circuit_, description_, patience_.answer}, std::move(call));
}

core::Task<> Client::stay_connected() {
    for (;;) {
        const core::Instant began = std::chrono::steady_clock::now();
        note_lost(co_await connect_once());
        // Only a connection that lasted was a good one.
        const bool has_lasted = std::chrono::steady_clock::now() - began > patience_.reconnect_max;
        pause_ =
            has_lasted ? pause_first : std::clamp(pause_ * 2, pause_first, patience_.reconnect_max);
        co_await core::pause(pause_);
    }
}

core::Task<std::string> Client::connect_once() {
    const auto link = std::make_shared<Link>(context_, address_, patience_.link);
    try {
        co_await link->open();
    } catch (const core::Unavailable& down) {
        co_return down.what();
    }
    log::info("cache", *description_ + " answers");
    is_lost_known_ = false;
    link_ = link;
    circuit_->note_connected(true);
    connected_();
    std::string why = co_await link->serve();
    circuit_->note_connected(false);
    link_.reset();
    co_return why;
}

// Once until it is back: the attempts in between have nothing to add.
void Client::note_lost(const std::string& why) {
    if (!std::exchange(is_lost_known_, true))
        log::warn("cache", *description_ + " is not there; the service goes on without it",
                  {
                      {"why", why}
        });
}

}  // namespace souk::cache::on_redis
