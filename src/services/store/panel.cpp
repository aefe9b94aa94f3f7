#include "services/store/panel.h"

#include "platform/log/log.h"

#include <exception>
#include <utility>

namespace souk::store {
namespace {

constexpr std::int64_t given_up_shown = 50;
constexpr db::Sql count_products = "SELECT count(*) FROM products";

}  // namespace

Panel::Panel(Parts parts) : parts_(std::move(parts)), lookout_(parts_.clock) {}

void Panel::sample(std::uint64_t tick) {
    const core::Instant at = parts_.clock.instant();
    const double seconds = std::chrono::duration<double>(at - sampled_at_).count();
    sampled_at_ = at;
    const Lookups lookups = parts_.lookups();
    const std::int64_t unix_seconds = core::to_ms(parts_.clock.now()) / 1'000;
    const std::lock_guard lock(mutex_);
    if (has_sampled_ && seconds > 0) {
        hits_per_second_ = static_cast<double>(lookups.hits - lookups_.hits) / seconds;
        misses_per_second_ = static_cast<double>(lookups.misses - lookups_.misses) / seconds;
    }
    has_sampled_ = true;
    lookups_ = lookups;
    history_.add({.tick = tick,
                  .unix_seconds = unix_seconds,
                  .hits_per_second = hits_per_second_,
                  .misses_per_second = misses_per_second_,
                  .waiting = tables_ ? tables_->jobs.waiting : 0});
}

Panel::Now Panel::now(metrics::Ticks ticks) const {
    lookout_.note_watcher();
    Now now{.is_open = parts_.is_open(),
            .products_created = parts_.metrics.products.value(),
            .reviews_created = parts_.metrics.reviews.value(),
            .checkouts = parts_.metrics.checkouts.value()};
    const std::lock_guard lock(mutex_);
    now.lookups = lookups_;
    now.hits_per_second = hits_per_second_;
    now.misses_per_second = misses_per_second_;
    now.tables = tables_;
    now.history = history_.of(ticks);
    return now;
}

core::Task<> Panel::follow_tables() {
    return lookout_.run({.can_look = parts_.is_open,
                         .look = [this] { return look_up(); },
                         .complain =
                             [](const std::exception& failure) {
                                 log::warn("store", "the console cannot look into the tables",
                                           {log::Field("reason", failure.what())});
                             }});
}

core::Task<> Panel::look_up() {
    Tables tables;
    const db::Rows products = co_await parts_.database.read(count_products);
    tables.products = db::integer(products[0][0]);
    tables.contacts = co_await count_contacts(parts_.database);
    tables.jobs = co_await parts_.jobs.figures();
    ContactFilter failed;
    failed.delivery = "failed";
    failed.limit = given_up_shown;
    tables.given_up = co_await list_contacts(parts_.database, std::move(failed));
    const std::lock_guard lock(mutex_);
    tables_ = std::move(tables);
}

}  // namespace souk::store
