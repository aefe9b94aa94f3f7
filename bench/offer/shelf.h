// The products of a soak run: each is sold out, stays so for a while and is opened again by /init;
// now and then one is opened again in the middle of its sale.
#pragma once

#include "orders.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace offer {

struct Sale {
    std::uint64_t quantity = 0;
    bool sold_out = false;  // an order of this sale was told so
};

class Shelf {
public:
    Shelf(std::size_t products, std::uint64_t stock, std::uint64_t seed);

    // For the next order: one that is in stock as far as is known, in turn; or one that is not.
    std::size_t pick_selling();
    std::size_t pick_sold_out();

    Orders& orders(std::size_t product) { return products_[product].orders; }
    // Which sale of the product an order sent now belongs to at the earliest.
    std::size_t sale_now(std::size_t product) const { return products_[product].sales.size(); }
    void note_sold_out(std::size_t product, std::size_t sale, std::int64_t now);

    // The product whose turn it is to be opened again, if any.
    std::optional<std::size_t> due_for_init(std::int64_t now);
    std::string init_request(std::size_t product) const;
    void note_opened(std::size_t product, std::int64_t now);

    std::string json() const;

private:
    struct Product {
        std::string name;
        Orders orders;
        std::vector<Sale> sales;
        bool sells = false;
        std::int64_t since_ns = 0;  // sells, or does not
    };
    std::uint64_t quantity_of_next(std::size_t product) const;
    std::size_t pick(bool selling);

    const std::uint64_t stock_;
    std::vector<Product> products_;
    std::size_t turn_ = 0;
    std::int64_t next_reset_ns_ = 0;
};

}  // namespace offer
