// What the operations console shows of store: looked at once a second, kept for five minutes.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/jobs/jobs.h"
#include "platform/metrics/history.h"
#include "platform/metrics/lookout.h"
#include "services/store/contact_messages.h"
#include "services/store/metrics.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace souk::store {

class Panel {
public:
    struct Lookups {  // answered from the lists of products
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
    };

    struct Parts {
        const Metrics& metrics;
        db::Database& database;
        jobs::Runner& jobs;
        std::function<Lookups()> lookups;
        std::function<bool()> is_open;
        const core::Clock& clock;
    };

    // What the tables say.
    struct Tables {
        std::int64_t products = 0;
        ContactCounts contacts;
        jobs::Figures jobs;
        std::vector<ContactRow> given_up;  // the newest failed messages
    };

    struct Sample {
        std::uint64_t tick = 0;
        std::int64_t unix_seconds = 0;
        double hits_per_second = 0;
        double misses_per_second = 0;
        std::int64_t waiting = 0;  // jobs, as last looked up
    };

    struct Now {
        bool is_open = false;
        Lookups lookups;  // since the start
        double hits_per_second = 0;
        double misses_per_second = 0;
        std::uint64_t products_created = 0;  // by this process, as all below
        std::uint64_t reviews_created = 0;
        std::uint64_t checkouts = 0;
        std::optional<Tables> tables;  // unknown until a look-up has succeeded
        std::vector<Sample> history;
    };

    explicit Panel(Parts parts);

    // Once a second, one caller at a time.
    void sample(std::uint64_t tick);

    // As it is, with the history of these ticks. Any thread.
    Now now(metrics::Ticks ticks) const;

    // Looks into the tables while somebody watches, until stop(). On a loop.
    core::Task<> follow_tables();
    void look_again() { lookout_.look_again(); }
    void stop() { lookout_.stop(); }

private:
    core::Task<> look_up();

    Parts parts_;
    mutable metrics::Lookout lookout_;
    core::Instant sampled_at_{};  // of sample()
    bool has_sampled_ = false;    // likewise

    mutable std::mutex mutex_;  // guards what follows
    Lookups lookups_;
    double hits_per_second_ = 0;
    double misses_per_second_ = 0;
    std::optional<Tables> tables_;
    metrics::History<Sample> history_{300};
};

}  // namespace souk::store
