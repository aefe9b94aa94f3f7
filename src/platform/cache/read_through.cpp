#include "platform/cache/read_through.h"

#include "platform/core/error.h"
#include "platform/core/event.h"

#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace souk::cache {
namespace {

// Longer than any query may take; a value that is not made by then has no right to waiters.
constexpr std::chrono::seconds patience{60};

metrics::Counter& requests(metrics::Registry& metrics, const std::string& name,
                           const std::string& outcome) {
    return metrics.counter(
        "souk_cache_requests_total",
        "Values asked for: kept (hit), made (miss), made for somebody else (shared)",
        {
            {"cache",   name   },
            {"outcome", outcome}
    });
}

}  // namespace

// One making of one value. Written by its maker before `made` is set, only read after.
class ReadThrough::Flight {
public:
    Flight(std::string of, std::optional<std::int64_t> in) : key(std::move(of)), generation(in) {}

    const std::string key;
    const std::optional<std::int64_t> generation;  // of the group, before the making
    core::Event made;
    Text value;
    std::exception_ptr failure;  // neither: its maker was broken off
};

// The makings that may be shared. Those of an earlier generation are not found: whoever asks after
// a drop, also after one by another process, gets nothing from before it.
class ReadThrough::Flights {
public:
    struct Place {
        std::shared_ptr<Flight> flight;
        bool is_ours;  // nobody makes it yet
    };

    Place join(const std::string& key, std::int64_t generation) {
        const std::lock_guard lock(mutex_);
        std::shared_ptr<Flight>& flight = under_way_[{key, generation}];
        const bool is_ours = flight == nullptr;
        if (is_ours) flight = std::make_shared<Flight>(key, generation);
        return {flight, is_ours};
    }

    void leave(const Flight& flight) {
        if (!flight.generation) return;
        const std::lock_guard lock(mutex_);
        under_way_.erase({flight.key, *flight.generation});
    }

private:
    std::mutex mutex_;
    std::map<std::pair<std::string, std::int64_t>, std::shared_ptr<Flight>> under_way_;
};

ReadThrough::ReadThrough(Cache* cache, Options options, metrics::Registry& metrics)
    : cache_(cache),
      group_(std::move(options.group)),
      life_(options.life),
      valid_(std::move(options.valid)),
      turn_patience_(options.turn_patience),
      hits_(requests(metrics, options.name, "hit")),
      misses_(requests(metrics, options.name, "miss")),
      shared_(requests(metrics, options.name, "shared")),
      flights_(std::make_shared<Flights>()),
      turns_(options.makings_max) {}

ReadThrough::~ReadThrough() = default;

core::Task<Text> ReadThrough::share(std::string key, Make make) {
    std::optional<std::int64_t> generation;
    if (cache_ != nullptr) generation = co_await cache_->generation(group_);
    if (!generation) {
        misses_.add();
        co_return co_await fly(std::make_shared<Flight>(std::move(key), generation), make);
    }
    for (;;) {
        const Flights::Place place = flights_->join(key, *generation);
        if (place.is_ours) {
            misses_.add();
            co_return co_await fly(place.flight, make);
        }
        const bool was_made = co_await place.flight->made.wait(patience);
        if (!was_made) throw core::Unavailable("the value of " + key + " takes too long to make");
        if (place.flight->failure) std::rethrow_exception(place.flight->failure);
        if (place.flight->value) {
            shared_.add();
            co_return place.flight->value;
        }
        // It has left the others, so that the next round makes a new one.
    }
}

core::Task<Text> ReadThrough::fly(std::shared_ptr<Flight> flight, Make make) {
    // Also when this coroutine is destroyed half-way. First left, then said, so that who is told
    // that nothing was made does not find the same flight again.
    struct Landing {
        std::shared_ptr<Flights> flights;
        std::shared_ptr<Flight> flight;
        ~Landing() {
            flights->leave(*flight);
            flight->made.set();
        }
    };
    const Landing landing{flights_, flight};

    std::optional<core::Turns::Turn> turn = co_await turns_.take(turn_patience_);
    if (!turn) {
        const core::Unavailable late("too many other values were made before " + flight->key);
        flight->failure = std::make_exception_ptr(late);
        throw late;
    }
    try {
        flight->value = std::make_shared<const std::string>(co_await make());
    } catch (...) {
        flight->failure = std::current_exception();
    }
    turn.reset();
    if (flight->failure) std::rethrow_exception(flight->failure);
    flight->made.set();  // nobody waits for the cache
    if (flight->generation) {
        co_await cache_->put(group_, {flight->key, flight->value, life_}, *flight->generation);
    }
    co_return flight->value;
}

core::Task<bool> ReadThrough::drop() {
    if (cache_ == nullptr) co_return true;
    co_await cache_->drop(group_);
    // It cannot say while a drop is owed.
    const std::optional<std::int64_t> generation = co_await cache_->generation(group_);
    co_return generation.has_value();
}

ReadThrough::Counts ReadThrough::counts() const {
    return {.hits = hits_.value(), .misses = misses_.value() + shared_.value()};
}

}  // namespace souk::cache
