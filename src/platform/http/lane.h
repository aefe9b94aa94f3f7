// The server's share of one event loop: the sessions that live on it, the sweep that enforces every
// deadline, and what is cached per loop.
#pragma once

#include "platform/core/clock.h"
#include "platform/http/client_address.h"
#include "platform/http/request_ids.h"
#include "platform/http/server.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace souk::http {

// The connections and requests that count against one capacity.
struct Crowd {
    explicit Crowd(Capacity allowed) : most(allowed) {}

    const Capacity most;
    alignas(64) std::atomic<std::size_t> in_flight{0};
    alignas(64) std::atomic<std::size_t> connections{0};
    alignas(64) std::atomic<std::size_t> body_bytes{0};
};

// What all loops share. Outlives every session.
struct Shared {
    Shared(const Server::Parts& parts, ServerLimits given)
        : limits(std::move(given)),
          clock(parts.clock),
          proxies(limits.trusted_proxies),
          crowd({limits.connections_max, limits.in_flight_max, limits.bodies_mib_max << 20U}) {}

    const ServerLimits limits;
    const core::Clock& clock;
    const TrustedProxies proxies;
    Crowd crowd;                              // at the listeners that have no capacity of their own
    std::atomic<std::size_t> connections{0};  // of all listeners

    // Whether there was room for it; it counts either way, until it has ended.
    bool connection_began(Crowd& among) {
        connections.fetch_add(1);
        return among.connections.fetch_add(1) < among.most.connections_max;
    }
    void connection_ended(Crowd& among) {
        among.connections.fetch_sub(1);
        connections.fetch_sub(1);
        const std::lock_guard lock(mutex);
        connection_gone.notify_all();
    }

    // For drain, which waits for the last connection.
    std::mutex mutex;
    std::condition_variable connection_gone;
};

// What the sweep and drain need of a session.
class Sweepable : public boost::intrusive::list_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    virtual void check_deadline(core::Instant now) = 0;
    virtual void begin_drain() = 0;
    virtual void cut_off() = 0;

protected:
    ~Sweepable() = default;
};

class Lane : public std::enable_shared_from_this<Lane> {
public:
    Lane(boost::asio::io_context& context, std::shared_ptr<Shared> shared, core::Random& random);

    // All of these run on the loop.
    void start();
    void stop();
    void begin_drain();
    void cut_off();
    void add(Sweepable& session);

    boost::asio::io_context& context() { return context_; }
    Shared& shared() { return *shared_; }
    const std::shared_ptr<Shared>& shared_owner() const { return shared_; }
    RequestIds& request_ids() { return ids_; }
    const std::string& date() const { return date_; }
    bool draining() const { return draining_; }
    int& until_line() { return until_line_; }

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          core::Executor>;
    void wait_for_sweep();
    void sweep();
    void refresh_date();

    boost::asio::io_context& context_;
    std::shared_ptr<Shared> shared_;
    Timer timer_;
    RequestIds ids_;
    boost::intrusive::list<Sweepable, boost::intrusive::constant_time_size<false>> sessions_;
    std::string date_;
    std::int64_t date_second_ = -1;
    int until_line_ = 1;
    bool draining_ = false;
    bool stopped_ = false;
};

}  // namespace souk::http
