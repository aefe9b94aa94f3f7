// What the order log does when its disk fails: what became of a group is read from the log itself.
#include "platform/log/log.h"
#include "services/flash/order_log_sqlite.h"

#include <exception>
#include <optional>
#include <utility>

namespace souk::flash {
namespace {

constexpr std::string_view select_one = "SELECT order_id FROM log WHERE position = $1";

}  // namespace

void SqliteOrderLog::roll_back() {
    try {
        if (connection_ && connection_->in_transaction()) connection_->execute("ROLLBACK");
    } catch (const std::exception& failure) {
        log::warn("flash", "rolling back the order log failed; it is opened again",
                  {
                      {"reason", failure.what()}
        });
        connection_.reset();
    }
}

// Nothing is built on what an earlier connection has left before that is certain.
void SqliteOrderLog::open_again() {
    connection_.reset();
    std::unique_ptr<db::sqlite::Connection> opened = connect();
    make_durable(*opened);
    connection_ = std::move(opened);
}

// Nothing else is taken until the log itself has said what became of the group (F8).
void SqliteOrderLog::settle_undecided() {
    refuse_queued();
    const std::optional<bool> durable = read_back(undecided_);
    if (!durable) return;
    const Group group = std::exchange(undecided_, {});
    broken_ = false;
    if (*durable) written_at_.emplace_back(group.back().position, clock_.instant());
    listener_->settled(group, *durable);
    log::warn("flash",
              *durable ? "the undecided orders are in the log"
                       : "the undecided orders are not in the log",
              {
                  {"orders", static_cast<std::int64_t>(group.size())}
    });
}

// What the file shows now is durable, and what it does not show never comes back.
std::optional<bool> SqliteOrderLog::read_back(const Group& group) {
    try {
        open_again();
        const db::Rows found = connection_->run(select_one, db::values(group.front().position));
        return !found.empty() &&
               db::text(found[0][0]) == core::to_string(group.front().order->record.id);
    } catch (const std::exception&) {
        connection_
            .reset();  // said once when the commit failed; /health and the metrics go on saying it
        return std::nullopt;
    }
}

void SqliteOrderLog::refuse_queued() {
    Group refused;
    {
        const std::lock_guard lock(mutex_);
        refused.swap(queue_);
    }
    if (!refused.empty()) listener_->settled(refused, false);
}

}  // namespace souk::flash
