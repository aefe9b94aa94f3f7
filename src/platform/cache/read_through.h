// Reads by way of the cache: what is kept, or what is made now and then kept. Whoever asks for the
// same key at the same time shares one making, on whichever loops they are, while the cache can
// tell that nothing was dropped since it began.
#pragma once

#include "platform/cache/cache.h"
#include "platform/core/turns.h"
#include "platform/metrics/counter.h"
#include "platform/metrics/registry.h"

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace souk::cache {

// What makes a value that is not there. Only borrows what it was given, which has to stay until the
// value is made.
class Make {
public:
    template <typename Function>
        requires(!std::same_as<Function, Make>)
    explicit Make(Function& function)
        : function_(&function), call_([](void* object) -> core::Task<std::string> {
              return (*static_cast<Function*>(object))();
          }) {}
    core::Task<std::string> operator()() const { return call_(function_); }

private:
    void* function_;
    core::Task<std::string> (*call_)(void*);
};

class ReadThrough {
public:
    struct Options {
        std::string name;  // of the metrics: "products"
        Group group;
        std::chrono::seconds life;
        // Whether a kept value can be given out; one that cannot is made again and replaced. Asked
        // at every hit. Empty: whatever is kept.
        std::function<bool(std::string_view)> valid = {};
        // So many makings at once, of different keys; the next wait their turn. 0: unbounded.
        std::size_t makings_max = 0;
        // For a turn; then everybody who waits for this making gets core::Unavailable.
        std::chrono::milliseconds turn_patience{5'000};
    };

    // `cache` may be null: then nothing is kept or shared.
    ReadThrough(Cache* cache, Options options, metrics::Registry& metrics);
    ~ReadThrough();

    // Throws what `make` throws, to everybody who waited for it. `make` is a function without
    // parameters that gives a Task<std::string>; it is called at most once for all who ask before
    // it ends, unless drop() was called meanwhile: who asks after a drop never gets what was
    // made from before it.
    template <typename Function>
    core::Task<Text> get(std::string key, Function make) {
        if (Text kept = cache_ == nullptr ? nullptr : co_await cache_->get(key); is_usable(kept)) {
            hits_.add();
            co_return kept;
        }
        co_return co_await share(std::move(key), Make(make));
    }

    // After the commit of what changes the group's values. Also once when the service starts: what
    // an earlier process changed last, it may not have dropped. True: what was kept is gone. False:
    // perhaps not yet; then this process gives nothing of it out until it is.
    core::Task<bool> drop();

    struct Counts {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;  // whether made or shared
    };
    Counts counts() const;

private:
    class Flight;
    class Flights;

    bool is_usable(const Text& kept) const { return kept && (!valid_ || valid_(*kept)); }
    core::Task<Text> share(std::string key, Make make);
    core::Task<Text> fly(std::shared_ptr<Flight> flight, Make make);

    Cache* const cache_;
    const Group group_;
    const std::chrono::seconds life_;
    const std::function<bool(std::string_view)> valid_;
    const std::chrono::milliseconds turn_patience_;
    metrics::Counter& hits_;
    metrics::Counter& misses_;
    metrics::Counter& shared_;
    const std::shared_ptr<Flights> flights_;  // kept by coroutines that outlive this object
    core::Turns turns_;
};

}  // namespace souk::cache
