#include "services/flash/events_client.h"

#include "services/flash/wire_events.h"

#include <algorithm>
#include <array>
#include <memory_resource>
#include <utility>

namespace souk::flash {
namespace {

// So much is given to a peer at a time. The rest stays on the board, where newer values replace it.
constexpr std::size_t stocks_ahead_bytes = 16'384;

int rank(OrderState state) {
    switch (state) {
        case OrderState::pending:
            return 0;
        case OrderState::confirmed:
        case OrderState::failed:
            return 1;
        case OrderState::cancelled:
            return 2;
    }
    return 0;
}

}  // namespace

EventsClient::EventsClient(const Events& events, const core::Clock& clock,
                           std::shared_ptr<ws::Peer> peer)
    : events_(events),
      clock_(clock),
      peer_(std::move(peer)),
      next_happening_(events.first_news()) {}

void EventsClient::hello() { send(HelloFrame{.interval = events_interval.count()}); }

void EventsClient::pump() {
    while (next_happening_ <= events_.last_happening()) {
        const Events::Found found = events_.happening(next_happening_);
        if (found.missed) return peer_->close(ws::CloseCode::try_again_later, "too slow");
        if (!found.happening) break;
        ++next_happening_;
        if (wants(*found.happening->product_id)) send_happening(*found.happening);
    }
    send_stocks();
}

void EventsClient::send_happening(const Events::Happening& happening) {
    if (happening.kind == Events::Happening::Kind::init) {
        return send(InitFrame{.product_id = *happening.product_id, .quantity = happening.quantity});
    }
    send_stocks();  // the zero comes before what it means
    send(SoldOutFrame{.product_id = *happening.product_id});
}

void EventsClient::send_stocks() {
    while (peer_->queued_bytes() < stocks_ahead_bytes) {
        const std::optional<Events::Product> product = next_product();
        if (!product) return;
        send(InventoryFrame{.product_id = product->id, .stock = product->stock});
    }
}

std::optional<Events::Product> EventsClient::next_product() {
    if (wants_all_) {
        if (seen_ == events_.last_change()) return std::nullopt;
        std::optional<Events::Product> product = events_.next_change(seen_);
        if (product) seen_ = product->changed_at;
        return product;
    }
    const std::uint64_t last = events_.last_change();
    if (looked_at_ == last) return std::nullopt;
    for (Wanted& each : wanted_) {
        std::optional<Events::Product> product = events_.changed_since(each.product_id, each.seen);
        if (!product) continue;
        each.seen = product->changed_at;
        return product;
    }
    looked_at_ = last;
    return std::nullopt;
}

bool EventsClient::wants(const std::string& product_id) const {
    return wants_all_ || std::any_of(wanted_.begin(), wanted_.end(), [&](const Wanted& each) {
               return each.product_id == product_id;
           });
}

bool EventsClient::want_products(std::vector<std::string> product_ids) {
    if (product_ids.empty()) return true;
    const std::uint64_t seen = wants_all_ ? seen_ : 0;  // known values are not told again
    wants_all_ = false;
    looked_at_ = 0;
    for (std::string& id : product_ids) {
        if (wants(id)) continue;
        if (wanted_.size() == subscriptions_max) return false;
        wanted_.push_back({std::move(id), seen});
    }
    return true;
}

void EventsClient::drop_products(const std::vector<std::string>& product_ids) {
    std::erase_if(wanted_, [&](const Wanted& each) {
        return std::find(product_ids.begin(), product_ids.end(), each.product_id) !=
               product_ids.end();
    });
}

void EventsClient::tell_order(const OrderId& id, OrderState state) {
    bool is_news = false;
    for (Watched& each : watched) {
        if (each.id != id || (each.told && rank(*each.told) >= rank(state))) continue;
        each.told = state;
        is_news = true;
    }
    if (is_news) send(OrderFrame{.order_id = core::to_string(id), .state = name(state)});
}

template <typename Frame>
void EventsClient::send(Frame frame) {
    frame.seq = ++seq_;
    frame.ts = core::to_ms(clock_.now());
    std::array<std::byte, 1'024> space;
    std::pmr::monotonic_buffer_resource memory(space.data(), space.size());
    const std::string_view text = json::to_text(frame, memory);
    if (!peer_->send(std::string(text))) peer_->close(ws::CloseCode::try_again_later, "too slow");
}

}  // namespace souk::flash
