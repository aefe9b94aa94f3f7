// The cancels of confirmed orders that are being decided: one at a time for each order, bounded.
#pragma once

#include "services/flash/types.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

namespace souk::flash {

class Cancels {
public:
    // False while another cancel of this order goes on or is in doubt, and when there are too many.
    bool begin(const OrderId& id) {
        const std::lock_guard lock(mutex_);
        return in_doubt_.size() < cancels_max && in_doubt_.emplace(id.bytes, false).second;
    }

    // Nobody knows whether the database has it.
    void doubt(const OrderId& id) {
        const std::lock_guard lock(mutex_);
        in_doubt_[id.bytes] = true;
    }

    void end(const OrderId& id) {
        const std::lock_guard lock(mutex_);
        in_doubt_.erase(id.bytes);
    }

    std::vector<OrderId> doubts() const {
        const std::lock_guard lock(mutex_);
        std::vector<OrderId> ids;
        for (const auto& [bytes, is_doubt] : in_doubt_) {
            if (is_doubt) ids.push_back({bytes});
        }
        return ids;
    }

private:
    static constexpr std::size_t cancels_max = 10'000;

    mutable std::mutex mutex_;
    std::map<decltype(OrderId::bytes), bool> in_doubt_;
};

}  // namespace souk::flash
