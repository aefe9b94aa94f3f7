#include "services/flash/retention.h"

#include "platform/core/uuid.h"
#include "platform/log/log.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

// Orders per transaction, which takes some 50 ms: what lies together is written once for many.
constexpr std::size_t batch_max = 4'000;
constexpr std::size_t batch_min = 100;
constexpr std::size_t backlog_max = 8'000;  // with more than that the worker needs the disk
constexpr std::chrono::milliseconds between = 2s;
constexpr std::chrono::milliseconds rest = 1min;

// Ids begin with the time: the primary key finds the oldest orders. PostgreSQL locks what it gives,
// so that no cancel comes between.
constexpr db::Sql select_old = {
    R"(SELECT id FROM orders
       WHERE id < $1 AND accepted_at < $2 AND state IN ('confirmed', 'cancelled')
       ORDER BY id LIMIT $3)",
    R"(SELECT id FROM orders
       WHERE id < $1 AND accepted_at < $2 AND state IN ('confirmed', 'cancelled')
       ORDER BY id LIMIT $3 FOR UPDATE)"};
constexpr db::Sql archive_order = R"(
    INSERT INTO orders_archive (id, product_id, user_id, created_at, accepted_at, updated_at, state,
                                epoch, idempotency_key, key_hash, key_bucket)
    SELECT id, product_id, user_id, created_at, accepted_at, updated_at, state,
           epoch, idempotency_key, key_hash, key_bucket
    FROM orders WHERE id = $1 ON CONFLICT (id) DO NOTHING)";
constexpr db::Sql delete_order = "DELETE FROM orders WHERE id = $1";

class NoBytes final : public core::Random {
public:
    void fill(std::span<std::byte> bytes) override {
        for (std::byte& each : bytes) each = std::byte{0};
    }
};

// Not above any id made at that time or later.
std::string first_id_at(core::Time time) {
    NoBytes none;
    return core::to_string(core::make_uuid_v7(time, none));
}

}  // namespace

Retention::Choice Retention::choice(const Config& config) {
    const auto needed = std::max(std::chrono::seconds(config.cancel_window_seconds),
                                 std::chrono::seconds(config.idempotency_ttl_seconds));
    std::chrono::hours keep = std::chrono::days(config.orders_keep_days);
    // An hour more: a cancel that is in doubt is looked for in `orders`, after its window.
    if (keep.count() > 0) keep = std::max(keep, std::chrono::ceil<std::chrono::hours>(needed) + 1h);
    return {.keep = keep, .archive = config.orders_retired == "archive"};
}

Retention::Retention(Parts parts, Choice choice)
    : parts_(parts),
      choice_(choice),
      batch_(batch_max),
      removed_(&parts.metrics.counter("souk_flash_orders_retired_total",
                                      "Old orders that retention archived or deleted")) {}

core::Task<> Retention::run(core::Event& stopping, std::function<bool()> ours) {
    if (choice_.keep.count() == 0) co_return;
    bool failing = false;
    while (ours()) {
        const std::size_t asked_for = batch_;
        std::size_t removed = 0;
        try {
            const bool is_quiet = parts_.backlog.queued() < backlog_max;
            removed = is_quiet ? co_await remove_some() : asked_for;
            batch_ = std::min(batch_max, asked_for * 2);
            failing = false;
        } catch (const std::exception& failure) {
            // It may have been too much for the database's patience.
            batch_ = std::max(batch_min, asked_for / 2);
            if (!std::exchange(failing, true)) {
                log::warn("flash", "old orders cannot be removed now; it is tried again",
                          {log::Field("reason", failure.what())});
            }
        }
        if (co_await stopping.wait(removed < asked_for ? rest : between)) co_return;
    }
}

core::Task<std::size_t> Retention::remove_some() {
    const core::Time oldest = parts_.clock.now() - choice_.keep;
    db::Transaction transaction = co_await parts_.database.begin();
    const db::Rows old =
        co_await transaction.run(select_old, first_id_at(oldest), core::to_ms(oldest), batch_);
    if (old.empty()) co_return 0;
    if (choice_.archive) co_await transaction.run_many(archive_order, old.rows);
    co_await transaction.run_many(delete_order, old.rows);
    co_await transaction.commit();
    removed_->add(old.size());
    co_return old.size();
}

}  // namespace souk::flash
