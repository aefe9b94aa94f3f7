// Serves /events: the listeners of each loop are kept by a desk on that loop, which is told of
// updates and passes them on in small slices, so that orders on the same loop need not wait.
#pragma once

#include "services/flash/events_client.h"
#include "services/flash/operations.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace souk::flash {

class EventsDesk final : public EventsListener, public std::enable_shared_from_this<EventsDesk> {
public:
    explicit EventsDesk(core::Executor executor) : executor_(executor) {}

    void updated(const OrderNotes& orders) override;  // any thread

    // On the loop:
    void add(EventsClient& client) { clients_.push_back(&client); }
    void remove(EventsClient& client);
    void watch(const OrderId& id, EventsClient& client) { watchers_.emplace(id, &client); }
    void unwatch(const OrderId& id, EventsClient& client);

private:
    struct IdHash {
        std::size_t operator()(const OrderId& id) const;
    };

    void pass_on(const OrderNotes& orders);
    void walk();

    core::Executor executor_;
    std::vector<EventsClient*> clients_;
    std::unordered_multimap<OrderId, EventsClient*, IdHash> watchers_;
    std::size_t next_ = 0;  // client of the walk
    bool walking_ = false;
    bool again_ = false;  // something changed behind the walk
};

class EventsDesks {
public:
    struct Parts {
        Events& events;
        Operations& operations;
        const core::Clock& clock;
    };

    EventsDesks(Parts parts, std::size_t peers_max) : parts_(parts), peers_max_(peers_max) {}

    // One connection, from the upgrade to its end.
    core::Task<> serve(std::shared_ptr<ws::Peer> peer, std::vector<std::string> product_ids);

    std::size_t peers() const { return peers_; }

private:
    class Visit;

    std::shared_ptr<EventsDesk> desk_of(core::Executor executor);
    core::Task<bool> obey(Visit& visit, std::string message);
    core::Task<> watch_order(Visit& visit, std::string reference);
    core::Task<> tell_state(Visit& visit, std::string reference);

    Parts parts_;
    const std::size_t peers_max_;
    std::atomic<std::size_t> peers_{0};
    std::mutex mutex_;
    std::vector<std::pair<core::Executor, std::shared_ptr<EventsDesk>>> desks_;
};

}  // namespace souk::flash
