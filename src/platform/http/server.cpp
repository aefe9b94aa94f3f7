#include "platform/http/server.h"

#include "platform/http/lane.h"
#include "platform/http/listener.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <future>
#include <utility>

namespace souk::http {
namespace {

constexpr std::chrono::milliseconds cut_off_patience{1'000};

}  // namespace

class Server::Implementation {
public:
    Implementation(Parts parts, ServerLimits limits)
        : parts_(parts), shared_(std::make_shared<Shared>(parts, std::move(limits))) {
        for (const std::unique_ptr<core::Loop>& loop : parts_.loops) {
            lanes_.push_back(std::make_shared<Lane>(loop->context(), shared_, parts_.random));
            on_loop(lanes_.back(), [lane = lanes_.back()] { lane->start(); });
        }
        const std::shared_ptr<Shared> shared = shared_;
        connections_ = parts_.metrics.gauge(
            "souk_http_connections",
            "Open connections, at listeners without a capacity of their own", {},
            [shared] { return static_cast<double>(shared->crowd.connections.load()); });
        in_flight_ = parts_.metrics.gauge(
            "souk_http_requests_in_flight",
            "Requests being handled, at listeners without a capacity of their own", {},
            [shared] { return static_cast<double>(shared->crowd.in_flight.load()); });
        body_bytes_ = parts_.metrics.gauge(
            "souk_http_body_bytes",
            "Memory of request bodies, without the first 8 KiB of each, at listeners without a "
            "capacity of their own",
            {}, [shared] { return static_cast<double>(shared->crowd.body_bytes.load()); });
    }

    ~Implementation() {
        if (loops_stopped()) return;  // nothing runs any more that could be ended in order
        drain(std::chrono::milliseconds(0));
        for (const std::shared_ptr<Lane>& lane : lanes_) {
            on_loop(lane, [lane] { lane->stop(); });
        }
    }

    std::uint16_t listen(Listener listener) {
        const auto mount =
            std::make_shared<const Mount>(std::move(listener.rooms), parts_.metrics,
                                          shared_->limits.hot_log_every, listener.own_capacity);
        std::vector<AcceptSocket> sockets = bind_all(listener.address, listener.port, lanes_);
        const std::uint16_t port = sockets.front().local_endpoint().port();
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            const auto acceptor =
                std::make_shared<Acceptor>(lanes_[i], mount, std::move(sockets[i]));
            acceptors_.push_back({lanes_[i], acceptor});
            on_loop(lanes_[i], [acceptor] { acceptor->start(); });
        }
        return port;
    }

    bool drain(std::chrono::milliseconds patience) {
        for (const Accepting& accepting : std::exchange(acceptors_, {})) {
            on_loop(accepting.lane, [acceptor = accepting.acceptor] { acceptor->stop(); });
        }
        on_every_loop([](Lane& lane) { lane.begin_drain(); });
        if (all_gone_within(patience)) return true;
        on_every_loop([](Lane& lane) { lane.cut_off(); });
        return all_gone_within(cut_off_patience);
    }

private:
    struct Accepting {
        std::shared_ptr<Lane> lane;
        std::shared_ptr<Acceptor> acceptor;
    };

    bool loops_stopped() const {
        return std::all_of(lanes_.begin(), lanes_.end(),
                           [](const auto& lane) { return lane->context().stopped(); });
    }

    template <typename Work>
    static void on_loop(const std::shared_ptr<Lane>& lane, Work work) {
        boost::asio::post(lane->context(), std::move(work));
    }

    // Waits until it is done, but not for ever: a loop may be stopped meanwhile.
    template <typename Work>
    void on_every_loop(Work work) {
        std::vector<std::future<void>> done;
        for (const std::shared_ptr<Lane>& lane : lanes_) {
            const auto promise = std::make_shared<std::promise<void>>();
            done.push_back(promise->get_future());
            on_loop(lane, [lane, promise, work] {
                work(*lane);
                promise->set_value();
            });
        }
        for (std::future<void>& one : done) one.wait_for(cut_off_patience);
    }

    bool all_gone_within(std::chrono::milliseconds patience) {
        std::unique_lock lock(shared_->mutex);
        return shared_->connection_gone.wait_for(lock, patience,
                                                 [&] { return shared_->connections.load() == 0; });
    }

    Parts parts_;
    std::shared_ptr<Shared> shared_;
    std::vector<std::shared_ptr<Lane>> lanes_;
    std::vector<Accepting> acceptors_;
    metrics::Gauge connections_;
    metrics::Gauge in_flight_;
    metrics::Gauge body_bytes_;
};

Server::Server(Parts parts, ServerLimits limits)
    : implementation_(std::make_unique<Implementation>(parts, std::move(limits))) {}

Server::~Server() = default;

std::uint16_t Server::listen(Listener listener) {
    return implementation_->listen(std::move(listener));
}

bool Server::drain(std::chrono::milliseconds patience) { return implementation_->drain(patience); }

}  // namespace souk::http
