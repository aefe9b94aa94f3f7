// One listener of /events on its connection's loop: what it wants, what it has seen, and what it is
// to be told next.
#pragma once

#include "platform/core/clock.h"
#include "platform/ws/peer.h"
#include "services/flash/events.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace souk::flash {

class EventsClient {
public:
    EventsClient(const Events& events, const core::Clock& clock, std::shared_ptr<ws::Peer> peer);

    void hello();

    // Sends what is new, as far as the peer keeps up.
    void pump();

    // Products: none named means all. The first one named leaves only those. False when there
    // would be too many.
    bool want_products(std::vector<std::string> product_ids);
    void drop_products(const std::vector<std::string>& product_ids);

    // Tells a state unless it is older than what was told before.
    void tell_order(const OrderId& id, OrderState state);

    // An order by what the client calls it: its id or its idempotency key.
    struct Watched {
        std::string reference;
        std::optional<OrderId> id;  // unknown as long as nothing has that key
        std::optional<OrderState> told;
    };
    std::vector<Watched> watched;

private:
    struct Wanted {
        std::string product_id;
        std::uint64_t seen = 0;
    };

    bool wants(const std::string& product_id) const;
    std::optional<Events::Product> next_product();
    void send_stocks();
    void send_happening(const Events::Happening& happening);
    template <typename Frame>
    void send(Frame frame);

    const Events& events_;
    const core::Clock& clock_;
    const std::shared_ptr<ws::Peer> peer_;
    bool wants_all_ = true;
    std::vector<Wanted> wanted_;
    std::uint64_t seen_ = 0;       // change number, when all products are wanted
    std::uint64_t looked_at_ = 0;  // nothing wanted has changed up to this number
    std::uint64_t next_happening_;
    std::int64_t seq_ = 0;
};

}  // namespace souk::flash
