#include "shelf.h"

#include <utility>

namespace offer {

namespace {

constexpr std::int64_t rest_ns = 2'000'000'000;         // between a sell-out and the next sale
constexpr std::int64_t reset_every_ns = 7'000'000'000;  // an /init in the middle of a sale
constexpr std::int64_t first_reset_ns = 3'000'000'000;

}  // namespace

Shelf::Shelf(std::size_t products, std::uint64_t stock, std::uint64_t seed) : stock_(stock) {
    for (std::size_t i = 0; i < products; ++i) {
        std::string name = "soak-" + std::to_string(i);
        Orders orders(name, seed + i);
        products_.push_back({std::move(name), std::move(orders), {}});
    }
}

// The first sales differ in length, so that the products do not run out at the same time.
std::uint64_t Shelf::quantity_of_next(std::size_t product) const {
    if (!products_[product].sales.empty()) return stock_;
    return stock_ * (product + 1) / products_.size() + 1;
}

std::size_t Shelf::pick(bool selling) {
    for (std::size_t tries = 0; tries < products_.size(); ++tries) {
        turn_ = (turn_ + 1) % products_.size();
        if (products_[turn_].sells == selling) return turn_;
    }
    return turn_;  // all are, or none is
}

std::size_t Shelf::pick_selling() { return pick(true); }
std::size_t Shelf::pick_sold_out() { return pick(false); }

void Shelf::note_sold_out(std::size_t product, std::size_t sale, std::int64_t now) {
    Product& sold = products_[product];
    if (sale != sold.sales.size()) return;  // of an earlier sale, or of one about to begin
    sold.sales.back().sold_out = true;
    if (std::exchange(sold.sells, false)) sold.since_ns = now;
}

std::optional<std::size_t> Shelf::due_for_init(std::int64_t now) {
    if (next_reset_ns_ == 0) next_reset_ns_ = now + first_reset_ns;
    for (std::size_t i = 0; i < products_.size(); ++i) {
        const Product& product = products_[i];
        if (product.sales.empty() || (!product.sells && now - product.since_ns > rest_ns)) return i;
    }
    if (now < next_reset_ns_) return std::nullopt;
    next_reset_ns_ = now + reset_every_ns;
    return pick_selling();
}

std::string Shelf::init_request(std::size_t product) const {
    const std::string body = R"({"productId":")" + products_[product].name + R"(","quantity":)" +
                             std::to_string(quantity_of_next(product)) + '}';
    return "POST /init HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

void Shelf::note_opened(std::size_t product, std::int64_t now) {
    Product& opened = products_[product];
    opened.sales.push_back({quantity_of_next(product), false});
    opened.sells = true;
    opened.since_ns = now;
}

std::string Shelf::json() const {
    std::string json = "{";
    for (const Product& product : products_) {
        json += (json.size() > 1 ? ",\"" : "\"") + product.name + "\":[";
        for (std::size_t i = 0; i < product.sales.size(); ++i) {
            const Sale& sale = product.sales[i];
            json += (i > 0 ? ",[" : "[") + std::to_string(sale.quantity) +
                    (sale.sold_out ? ",true]" : ",false]");
        }
        json += ']';
    }
    return json + '}';
}

}  // namespace offer
