#include "services/flash/panel.h"

#include "platform/log/log.h"

#include <algorithm>
#include <exception>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t sales_shown = 200;
constexpr std::size_t late_shown = 20;
constexpr std::int64_t dead_letters_shown = 50;
constexpr int unseen_max = 5;  // samples without a look; then nobody watches
constexpr auto late_after = 5s;

Panel::Outcomes<double> rates(const Panel::Outcomes<std::uint64_t>& now,
                              const Panel::Outcomes<std::uint64_t>& before, double seconds) {
    const auto rate = [seconds](std::uint64_t newer, std::uint64_t older) {
        return static_cast<double>(newer - older) / seconds;
    };
    return {.accepted = rate(now.accepted, before.accepted),
            .duplicates = rate(now.duplicates, before.duplicates),
            .sold_out = rate(now.sold_out, before.sold_out),
            .over_limit = rate(now.over_limit, before.over_limit),
            .failed = rate(now.failed, before.failed)};
}

}  // namespace

Panel::Outcomes<std::uint64_t> Panel::count() const {
    const Metrics& counted = parts_.metrics;
    return {.accepted = counted.accepted.value(),
            .duplicates = counted.duplicates.value(),
            .sold_out = counted.sold_out.value(),
            .over_limit = counted.limited.value() + counted.client_limited.value() +
                          counted.user_limited.value(),
            .failed = counted.not_handed_over.value()};
}

Panel::Panel(Parts parts) : parts_(parts), lookout_(parts.clock), samples_unseen_(unseen_max) {
    look_again();  // once, so that who comes first sees the dead letters
}

void Panel::sample(std::uint64_t tick) {
    const core::Instant at = parts_.clock.instant();
    const double seconds = std::chrono::duration<double>(at - sampled_at_).count();
    sampled_at_ = at;
    const Outcomes<std::uint64_t> totals = count();
    std::optional<Sales> sales;
    if (is_looked_at()) {
        sales = read_sales();
        add_rates(*sales, seconds);
    } else {
        accepted_before_ = std::nullopt;
    }
    const std::int64_t unix_seconds = core::to_ms(parts_.clock.now()) / 1'000;
    const auto backlog = static_cast<std::int64_t>(parts_.backlog.size());
    const std::lock_guard lock(mutex_);
    if (has_sampled_ && seconds > 0) per_second_ = rates(totals, totals_, seconds);
    has_sampled_ = true;
    totals_ = totals;
    std::swap(sales_, sales);
    history_.add({.tick = tick,
                  .unix_seconds = unix_seconds,
                  .per_second = per_second_,
                  .backlog = backlog});
}

// Who looks every few seconds watches as well.
bool Panel::is_looked_at() {
    samples_unseen_ = wants_sales_.exchange(false) ? 0 : std::min(samples_unseen_ + 1, unseen_max);
    return samples_unseen_ < unseen_max;
}

Panel::Sales Panel::read_sales() const {
    Sales sales;
    for (SaleFigures& figures : parts_.gate.sales(sales_shown))
        sales.shown.push_back({.figures = std::move(figures)});
    sales.total = parts_.gate.products();
    return sales;
}

// A sale that was not there a second ago is new, unless the last sample did not show all of them or
// read none: then its rate begins with the next one.
void Panel::add_rates(Sales& sales, double seconds) {
    const bool all_were_seen = accepted_before_ && accepted_before_->size() < sales_shown;
    std::map<SaleKey, std::int64_t> accepted;
    for (SaleNow& sale : sales.shown) {
        const SaleKey key(sale.figures.product_id, sale.figures.epoch);
        accepted[key] = sale.figures.accepted;
        std::int64_t before = all_were_seen ? 0 : sale.figures.accepted;
        if (accepted_before_) {
            const auto found = accepted_before_->find(key);
            if (found != accepted_before_->end()) before = found->second;
        }
        // Less than before: units of failed hand-overs came back.
        const auto more = std::max<std::int64_t>(sale.figures.accepted - before, 0);
        if (seconds > 0) sale.accepted_per_second = static_cast<double>(more) / seconds;
    }
    accepted_before_ = std::move(accepted);
}

Panel::Now Panel::now(metrics::Ticks ticks) const {
    wants_sales_ = true;
    lookout_.note_watcher();
    const core::Time time = parts_.clock.now();
    Now now{.is_open = parts_.operations.is_open(),
            .backlog = parts_.backlog.size(),
            .backlog_age = parts_.backlog.age(time),
            .late = parts_.backlog.late(time - late_after, late_shown)};
    if (!now.late.oldest.empty()) {
        const std::int64_t oldest_ms = now.late.oldest.front()->record.accepted_at_ms;
        now.backlog_age =
            std::max(now.backlog_age, std::chrono::milliseconds(core::to_ms(time) - oldest_ms));
    }
    std::optional<Sales> sales;
    {
        const std::lock_guard lock(mutex_);
        sales = sales_;
        now.per_second = per_second_;
        now.totals = totals_;
        now.dead_letters = dead_letters_;
        now.newest_dead_letters = newest_dead_letters_;
        now.history = history_.of(ticks);
    }
    if (!sales) sales = read_sales();  // for the first who comes; rates begin with the next samples
    now.sales = std::move(sales->shown);
    now.sales_total = sales->total;
    return now;
}

// The monitor tells of a database that is down; what was seen last goes on being shown.
core::Task<> Panel::follow_dead_letters() {
    return lookout_.run({.can_look = [this] { return parts_.operations.is_open(); },
                         .look = [this] { return look_up(); },
                         .complain =
                             [](const std::exception& failure) {
                                 log::warn("flash", "the console cannot look the dead letters up",
                                           {log::Field("reason", failure.what())});
                             }});
}

core::Task<> Panel::look_up() {
    const std::int64_t total = co_await count_dead_letters(parts_.database);
    ReportFilter newest;
    newest.limit = dead_letters_shown;
    std::vector<DeadLetterRow> rows = co_await list_dead_letters(parts_.database, newest);
    const std::lock_guard lock(mutex_);
    dead_letters_ = total;
    std::swap(newest_dead_letters_, rows);
}

}  // namespace souk::flash
