#include "services/flash/events_desk.h"

#include "services/flash/rules.h"
#include "services/flash/wire_events.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <memory_resource>
#include <utility>

namespace souk::flash {
namespace {

constexpr std::size_t clients_per_slice = 64;

constexpr std::string_view not_understood =
    "send {\"type\":\"subscribe\"|\"unsubscribe\",\"productIds\":[],\"orderIds\":[]}";
constexpr std::string_view too_many = "at most 64 products and 64 orders";

}  // namespace

std::size_t EventsDesk::IdHash::operator()(const OrderId& id) const {
    std::uint64_t bits = 0;
    std::memcpy(&bits, id.bytes.data() + 8, sizeof bits);
    return bits;
}

void EventsDesk::updated(const OrderNotes& orders) {
    boost::asio::post(executor_, [self = shared_from_this(), orders] { self->pass_on(orders); });
}

void EventsDesk::pass_on(const OrderNotes& orders) {
    for (const OrderNote& note : *orders) {
        const auto [first, last] = watchers_.equal_range(note.id);
        for (auto each = first; each != last; ++each) each->second->tell_order(note.id, note.state);
    }
    again_ = true;
    if (!walking_) walk();
}

void EventsDesk::walk() {
    if (!walking_) next_ = 0;
    walking_ = true;
    if (next_ == 0) again_ = false;
    const std::size_t end = std::min(clients_.size(), next_ + clients_per_slice);
    while (next_ < end) clients_[next_++]->pump();
    if (next_ >= clients_.size()) {
        next_ = 0;
        walking_ = again_;
    }
    if (walking_) boost::asio::post(executor_, [self = shared_from_this()] { self->walk(); });
}

void EventsDesk::remove(EventsClient& client) {
    const auto found = std::find(clients_.begin(), clients_.end(), &client);
    std::swap(*found, clients_.back());
    clients_.pop_back();
    again_ = again_ || walking_;  // the one that was moved may have been left out
}

void EventsDesk::unwatch(const OrderId& id, EventsClient& client) {
    const auto [first, last] = watchers_.equal_range(id);
    const auto found =
        std::find_if(first, last, [&](const auto& each) { return each.second == &client; });
    if (found != last) watchers_.erase(found);
}

// What a connection has entered at its desk and the board, taken back at its end.
class EventsDesks::Visit {
public:
    Visit(Events& events, std::shared_ptr<EventsDesk> desk, EventsClient& client)
        : client(client), events_(events), desk_(std::move(desk)) {
        desk_->add(client);
    }
    ~Visit() {
        for (const EventsClient::Watched& each : client.watched) stop_watching(each);
        desk_->remove(client);
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    void watch(EventsClient::Watched& order, const OrderId& id) {
        stop_watching(order);
        order.id = id;
        events_.watch(id);
        desk_->watch(id, client);
    }
    void stop_watching(const EventsClient::Watched& order) {
        if (!order.id) return;
        events_.unwatch(*order.id);
        desk_->unwatch(*order.id, client);
    }
    void drop(const std::vector<std::string>& references) {
        std::erase_if(client.watched, [&](const EventsClient::Watched& each) {
            const bool is_dropped =
                std::find(references.begin(), references.end(), each.reference) != references.end();
            if (is_dropped) stop_watching(each);
            return is_dropped;
        });
    }
    EventsClient::Watched* find(std::string_view reference) {
        const auto found =
            std::find_if(client.watched.begin(), client.watched.end(),
                         [&](const auto& each) { return each.reference == reference; });
        return found == client.watched.end() ? nullptr : &*found;
    }

    EventsClient& client;

private:
    Events& events_;
    const std::shared_ptr<EventsDesk> desk_;
};

core::Task<> EventsDesks::serve(std::shared_ptr<ws::Peer> peer,
                                std::vector<std::string> product_ids) {
    struct Counted {
        explicit Counted(std::atomic<std::size_t>& all) : count(all), number(++all) {}
        ~Counted() { --count; }
        std::atomic<std::size_t>& count;
        const std::size_t number;
    } const counted(peers_);
    if (counted.number > peers_max_)
        co_return peer->close(ws::CloseCode::try_again_later, "too many listeners");
    if (product_ids.size() > subscriptions_max)
        co_return peer->close(ws::CloseCode::policy, too_many);

    EventsClient client(parts_.events, parts_.clock, peer);
    client.want_products(std::move(product_ids));
    Visit visit(parts_.events, desk_of(peer->executor()), client);
    peer->on_drained([&client] { client.pump(); });
    client.hello();
    client.pump();
    for (;;) {
        std::optional<std::string> message = co_await peer->receive();
        if (!message) break;
        const bool is_fine = co_await obey(visit, std::move(*message));
        if (!is_fine) peer->close(ws::CloseCode::policy, not_understood);
    }
    peer->on_drained(nullptr);
}

core::Task<bool> EventsDesks::obey(Visit& visit, std::string message) {
    std::pmr::monotonic_buffer_resource memory;
    json::Reading<SubscribeMessage> read =
        json::read<SubscribeMessage>(message, memory, json::UnknownFields::refused);
    if (!read.fine()) co_return false;
    SubscribeMessage& wanted = read.value;
    if (wanted.type == "unsubscribe") {
        visit.client.drop_products(wanted.product_ids);
        visit.drop(wanted.order_ids);
        co_return true;
    }
    if (wanted.type != "subscribe") co_return false;
    if (!visit.client.want_products(std::move(wanted.product_ids))) co_return false;
    visit.client.pump();
    for (std::string& reference : wanted.order_ids) {
        if (!check_order_reference(reference)) co_return false;
        if (visit.find(reference) != nullptr) continue;
        if (visit.client.watched.size() == subscriptions_max) co_return false;
        co_await watch_order(visit, std::move(reference));
    }
    co_return true;
}

// Watched first and looked up then, so that no change falls between the two.
core::Task<> EventsDesks::watch_order(Visit& visit, std::string reference) {
    visit.client.watched.push_back({reference, std::nullopt, std::nullopt});
    if (const std::optional<OrderId> id = core::parse_uuid(reference))
        visit.watch(visit.client.watched.back(), *id);
    try {
        co_await tell_state(visit, std::move(reference));
    } catch (const core::Unavailable&) {
        // The database is down: the next change of the order is told all the same.
    }
}

core::Task<> EventsDesks::tell_state(Visit& visit, std::string reference) {
    core::Result<OrderStatus> order = co_await parts_.operations.status(reference);
    EventsClient::Watched* const watched = visit.find(reference);
    if (!order || watched == nullptr) co_return;
    if (watched->id != order->id) {  // it was named by its idempotency key
        visit.watch(*watched, order->id);
        order = co_await parts_.operations.status(core::to_string(order->id));
        if (!order) co_return;
    }
    visit.client.tell_order(order->id, order->state);
}

std::shared_ptr<EventsDesk> EventsDesks::desk_of(core::Executor executor) {
    const std::lock_guard lock(mutex_);
    for (const auto& [known, desk] : desks_) {
        if (known == executor) return desk;
    }
    auto desk = std::make_shared<EventsDesk>(executor);
    parts_.events.join(desk);
    desks_.emplace_back(executor, desk);
    return desk;
}

}  // namespace souk::flash
