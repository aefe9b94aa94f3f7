// The verbs of store. All throw core::Unavailable while the tables are not ready.
#pragma once

#include "platform/core/result.h"
#include "platform/core/task.h"
#include "services/store/contact_desk.h"
#include "services/store/list_changes.h"
#include "services/store/metrics.h"
#include "services/store/product_lists.h"
#include "services/store/store.h"
#include "services/store/types.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace souk::store {

class Operations {
public:
    struct Parts {
        Store& store;
        ProductLists& lists;
        ListChanges& list_changes;
        ContactDesk& contacts;
        Metrics& counters;
        Store::Also confirmation;  // the job that confirms an order; may be empty
        std::function<void()> wake_jobs;
    };

    explicit Operations(Parts parts) : parts_(std::move(parts)) {}

    void open() { is_open_ = true; }
    bool is_open() const { return is_open_; }

    core::Task<cache::Text> list(ListQuery query);
    core::Task<core::Result<ProductDetail>> show(std::int64_t product_id);
    core::Task<Product> create(Person owner, NewProduct product);
    core::Task<Cart> cart(Person person);
    core::Task<core::Result<CartEntry>> change_cart(Person person, CartChange change);
    core::Task<core::Result<std::int64_t>> review(Person author, NewReview review);
    core::Task<core::Result<StoredContact>> contact(ContactDesk::Sent sent);
    core::Task<core::Result<Order>> check_out(Person person, NewOrder wanted);

private:
    void require_open() const;
    template <typename Done>
    core::Task<Done> and_drop_lists(std::string change, core::Task<Done> write,
                                    bool (*has_changed)(const Done&));

    Parts parts_;
    std::atomic<bool> is_open_{false};
};

}  // namespace souk::store
