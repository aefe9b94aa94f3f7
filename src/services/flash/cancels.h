// The cancels of confirmed orders that are being decided: one at a time for each order.
#pragma once

#include "services/flash/types.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace souk::flash {

class Cancels {
public:
    // False while another cancel of this order goes on or is in doubt.
    bool begin(const OrderId& id) {
        const std::lock_guard lock(mutex_);
        if (find(id) != all_.end()) return false;
        all_.push_back({id, false});
        return true;
    }

    // Nobody knows whether the database has it.
    void doubt(const OrderId& id) {
        const std::lock_guard lock(mutex_);
        find(id)->in_doubt = true;
    }

    void end(const OrderId& id) {
        const std::lock_guard lock(mutex_);
        all_.erase(find(id));
    }

    std::vector<OrderId> doubts() const {
        const std::lock_guard lock(mutex_);
        std::vector<OrderId> ids;
        for (const Cancel& each : all_) {
            if (each.in_doubt) ids.push_back(each.id);
        }
        return ids;
    }

private:
    struct Cancel {
        OrderId id;
        bool in_doubt;
    };

    std::vector<Cancel>::iterator find(const OrderId& id) {
        return std::find_if(all_.begin(), all_.end(),
                            [&id](const Cancel& each) { return each.id == id; });
    }

    mutable std::mutex mutex_;
    std::vector<Cancel> all_;
};

}  // namespace souk::flash
