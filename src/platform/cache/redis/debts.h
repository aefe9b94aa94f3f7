// Drops that are asked for and not done yet. Any thread.
#pragma once

#include "platform/cache/cache.h"
#include "platform/core/event.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace souk::cache::on_redis {

class Debts {
public:
    using Tried = std::shared_ptr<core::Event>;

    struct Debt {
        Group group;
        std::uint64_t asked = 0;     // how many drops it stands for
        std::vector<Tried> waiting;  // set when it has been tried, whether or not it was done
    };

    // From now on the group's keys are covered.
    Tried add(const Group& group);

    bool cover(std::string_view key) const;
    bool is_empty() const { return count_.load() == 0; }

    // To be tried now. What is added from here on waits for the next time.
    std::vector<Debt> take();

    // It was tried. Done, it is gone unless it was asked for again meanwhile.
    void settle(const Debt& debt, bool is_done);

private:
    mutable std::mutex mutex_;
    std::map<std::string, Debt> by_prefix_;
    std::atomic<std::size_t> count_{0};  // so that nobody locks while nothing is owed
};

}  // namespace souk::cache::on_redis
