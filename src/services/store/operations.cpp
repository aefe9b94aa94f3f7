#include "services/store/operations.h"

#include "services/store/errors.h"

#include <exception>
#include <optional>
#include <utility>

namespace souk::store {
namespace {

core::Error refusal_of(const Checkout& checkout) {
    using enum Checkout::Outcome;
    switch (checkout.outcome) {
        case no_user:
            return user_not_found();
        case empty_cart:
            return store::empty_cart();
        case bad_quantity:
            return invalid_cart_quantity();
        case product_gone:
            return product_not_found(checkout.product_id);
        case too_few_left:
            return insufficient_stock(checkout.product_name);
        case key_reused:
            return key_was_used();
        case placed:
        case repeated:
            break;
    }
    return {};
}

}  // namespace

void Operations::require_open() const {
    if (!is_open_) throw core::Unavailable("store is not ready: the database is not there yet");
}

// Lists show products and their stock. A commit whose answer was lost may have happened all the
// same, or happen yet.
template <typename Done>
core::Task<Done> Operations::and_drop_lists(std::string change, core::Task<Done> write,
                                            bool (*has_changed)(const Done&)) {
    std::optional<Done> done;
    std::exception_ptr failure;
    try {
        done = co_await std::move(write);
    } catch (const core::Unavailable&) {
        failure = std::current_exception();
    }
    if (failure) {
        co_await parts_.list_changes.leave_open();
        std::rethrow_exception(failure);
    }
    if (has_changed(*done)) co_await parts_.list_changes.finish(std::move(change));
    co_return std::move(*done);
}

core::Task<cache::Text> Operations::list(ListQuery query) {
    require_open();
    co_return co_await parts_.lists.get(std::move(query));
}

core::Task<core::Result<ProductDetail>> Operations::show(std::int64_t product_id) {
    require_open();
    std::optional<ProductDetail> found = co_await parts_.store.detail(product_id);
    if (!found) co_return product_not_found(product_id);
    co_return std::move(*found);
}

core::Task<Product> Operations::create(Person owner, NewProduct product) {
    require_open();
    ListChanges::Change change = parts_.list_changes.begin();
    Product created = co_await and_drop_lists<Product>(
        std::move(change.id),
        parts_.store.create(std::move(owner), std::move(product), std::move(change.job)),
        [](const Product&) { return true; });
    parts_.counters.products.add();
    co_return created;
}

core::Task<Cart> Operations::cart(Person person) {
    require_open();
    co_return co_await parts_.store.cart(std::move(person));
}

core::Task<core::Result<CartEntry>> Operations::change_cart(Person person, CartChange change) {
    require_open();
    // Zero is refused only after the product was found (spec 5.7), and neither writes anything.
    if (change.quantity == 0) {
        const bool exists = co_await parts_.store.has_product(change.product_id);
        if (exists) co_return invalid_quantity();
        co_return product_not_found(change.product_id);
    }
    const Store::CartChanged changed = co_await parts_.store.change_cart(std::move(person), change);
    if (!changed.has_product) co_return product_not_found(change.product_id);
    if (changed.is_too_much) co_return quantity_too_large();
    parts_.counters.cart_changes.add();
    co_return changed.entry;
}

core::Task<core::Result<std::int64_t>> Operations::review(Person author, NewReview review) {
    require_open();
    const std::int64_t product_id = review.product_id;
    const std::optional<std::int64_t> id =
        co_await parts_.store.add_review(std::move(author), std::move(review));
    if (!id) co_return product_not_found(product_id);
    parts_.counters.reviews.add();
    co_return *id;
}

core::Task<core::Result<StoredContact>> Operations::contact(ContactDesk::Sent sent) {
    require_open();
    core::Result<StoredContact> stored = co_await parts_.contacts.take(std::move(sent));
    if (!stored) co_return stored.error();
    parts_.counters.contacts.add();
    parts_.wake_jobs();
    co_return *stored;
}

core::Task<core::Result<Order>> Operations::check_out(Person person, NewOrder wanted) {
    require_open();
    ListChanges::Change change = parts_.list_changes.begin();
    const Checkout checkout = co_await and_drop_lists<Checkout>(
        std::move(change.id),
        parts_.store.check_out(std::move(person), std::move(wanted), parts_.confirmation,
                               std::move(change.job)),
        [](const Checkout& done) { return done.outcome == Checkout::Outcome::placed; });
    if (checkout.outcome == Checkout::Outcome::repeated) co_return checkout.order;
    if (checkout.outcome != Checkout::Outcome::placed) co_return refusal_of(checkout);
    parts_.counters.checkouts.add();
    parts_.wake_jobs();
    co_return checkout.order;
}

}  // namespace souk::store
