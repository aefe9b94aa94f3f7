#include "platform/cache/redis/debts.h"

#include <algorithm>
#include <utility>

namespace souk::cache::on_redis {

Debts::Tried Debts::add(const Group& group) {
    auto tried = std::make_shared<core::Event>();
    const std::lock_guard lock(mutex_);
    Debt& debt = by_prefix_[group.prefix];
    debt.group = group;
    ++debt.asked;
    debt.waiting.push_back(tried);
    count_.store(by_prefix_.size());
    return tried;
}

bool Debts::cover(std::string_view key) const {
    if (is_empty()) return false;
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(by_prefix_,
                               [key](const auto& owed) { return key.starts_with(owed.first); });
}

std::vector<Debts::Debt> Debts::take() {
    std::vector<Debt> all;
    const std::lock_guard lock(mutex_);
    for (auto& [prefix, debt] : by_prefix_) {
        all.push_back({debt.group, debt.asked, std::exchange(debt.waiting, {})});
    }
    return all;
}

void Debts::settle(const Debt& debt, bool is_done) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = by_prefix_.find(debt.group.prefix);
        if (is_done && found->second.asked == debt.asked) by_prefix_.erase(found);
        count_.store(by_prefix_.size());
    }
    for (const Tried& tried : debt.waiting) tried->set();
}

}  // namespace souk::cache::on_redis
