#include "services/flash/metrics.h"

#include <string>

namespace souk::flash {
namespace {

metrics::Counter& orders(metrics::Registry& registry, const std::string& outcome) {
    return registry.counter("souk_flash_orders_total", "Order requests by what became of them",
                            {
                                {"outcome", outcome}
    });
}

}  // namespace

Metrics::Metrics(metrics::Registry& registry)
    : accepted(orders(registry, "accepted")),
      duplicates(orders(registry, "duplicate")),
      sold_out(orders(registry, "sold_out")),
      limited(orders(registry, "limited")),
      client_limited(orders(registry, "client_limited")),
      user_limited(orders(registry, "user_limited")),
      not_handed_over(orders(registry, "failed")),
      undecided(registry.counter(
          "souk_flash_orders_undecided_total",
          "Orders answered 500 before it was known whether their record is durable")),
      cancelled(registry.counter("souk_flash_orders_cancelled_total", "Orders cancelled")),
      sales(registry.counter("souk_flash_sales_total", "Sales started by /init")),
      persisted(
          registry.counter("souk_flash_orders_persisted_total", "Orders written to the database")),
      reconciliations(registry.counter("souk_flash_reconciliations_total",
                                       "Accepted orders for which the product's row had no unit")),
      dead_letters(registry.counter("souk_flash_dead_letters_total",
                                    "Log records that could not be written")),
      worker_failures(registry.counter("souk_flash_worker_failures_total",
                                       "Batches that could not be written and were tried again")) {}

}  // namespace souk::flash
