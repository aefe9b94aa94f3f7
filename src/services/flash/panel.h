// What the operations console shows of flash: looked at once a second, kept for five minutes.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/metrics/history.h"
#include "platform/metrics/lookout.h"
#include "services/flash/backlog.h"
#include "services/flash/gate.h"
#include "services/flash/metrics.h"
#include "services/flash/operations.h"
#include "services/flash/reports.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace souk::flash {

class Panel {
public:
    struct Parts {
        const Gate& gate;
        const Backlog& backlog;
        const Metrics& metrics;
        const Operations& operations;
        db::Database& database;
        const core::Clock& clock;
    };

    // Requests for orders by what became of them; a count, or so many a second. Over the limit is
    // whoever met one of the three: of all clients, of one address, of one user.
    template <typename Number>
    struct Outcomes {
        Number accepted = 0;
        Number duplicates = 0;
        Number sold_out = 0;
        Number over_limit = 0;
        Number failed = 0;
    };

    struct SaleNow {
        SaleFigures figures;
        double accepted_per_second = 0;
    };

    struct Sample {
        std::uint64_t tick = 0;
        std::int64_t unix_seconds = 0;
        Outcomes<double> per_second;
        std::int64_t backlog = 0;
    };

    struct Now {
        bool is_open = false;
        std::vector<SaleNow> sales;  // the one whose count changed last first
        std::size_t sales_total = 0;
        Outcomes<double> per_second;
        Outcomes<std::uint64_t> totals;
        std::size_t backlog = 0;
        std::chrono::milliseconds backlog_age{0};
        Backlog::Late late;
        std::optional<std::int64_t> dead_letters;  // unknown until a look-up has succeeded
        std::vector<DeadLetterRow> newest_dead_letters;
        std::vector<Sample> history;
    };

    explicit Panel(Parts parts);

    // Once a second, one caller at a time. Sales are read only while somebody watches.
    void sample(std::uint64_t tick);

    // As it is, with the history of these ticks. Any thread.
    Now now(metrics::Ticks ticks) const;

    // Looks the dead letters up while somebody watches, until stop(). On a loop.
    core::Task<> follow_dead_letters();
    void look_again() { lookout_.look_again(); }  // they have just changed
    void stop() { lookout_.stop(); }

private:
    using SaleKey = std::pair<std::string, Epoch>;

    struct Sales {
        std::vector<SaleNow> shown;
        std::size_t total = 0;
    };

    Outcomes<std::uint64_t> count() const;
    bool is_looked_at();
    Sales read_sales() const;
    void add_rates(Sales& sales, double seconds);
    core::Task<> look_up();

    Parts parts_;
    mutable metrics::Lookout lookout_;
    mutable std::atomic<bool> wants_sales_{false};  // said by now(), taken back by sample()

    // Of the sampler alone.
    core::Instant sampled_at_;
    bool has_sampled_ = false;
    int samples_unseen_;
    std::optional<std::map<SaleKey, std::int64_t>> accepted_before_;  // of the last sample

    mutable std::mutex mutex_;  // for the rest
    Outcomes<std::uint64_t> totals_;
    Outcomes<double> per_second_;
    std::optional<Sales> sales_;  // none while nobody watches
    std::optional<std::int64_t> dead_letters_;
    std::vector<DeadLetterRow> newest_dead_letters_;
    metrics::History<Sample> history_{300};
};

}  // namespace souk::flash
