#include "services/store/metrics.h"

namespace souk::store {

Metrics::Metrics(metrics::Registry& registry)
    : products(registry.counter("souk_store_products_created_total", "Products created")),
      cart_changes(registry.counter("souk_store_cart_changes_total", "Changes of carts")),
      reviews(registry.counter("souk_store_reviews_created_total", "Reviews created")),
      contacts(registry.counter("souk_store_contacts_total",
                                "Messages of the contact form that were taken")),
      checkouts(registry.counter("souk_store_checkouts_total", "Orders placed by checkout")) {}

}  // namespace souk::store
