// Pages of the product list, by way of the cache: the whole answer as it is sent.
#pragma once

#include "platform/cache/read_through.h"
#include "services/store/store.h"
#include "services/store/types.h"

#include <chrono>

namespace souk::store {

class ProductLists {
public:
    static constexpr std::chrono::hours life{1};  // of a page in the cache

    // `cache` may be null: then nothing is kept.
    ProductLists(cache::Cache* cache, Store& store, metrics::Registry& metrics);

    core::Task<cache::Text> get(ListQuery query);

    // After the commit of what the list shows. Never throws for a cache that is down: then it gives
    // false, and lists are read from the tables until it is made up for.
    core::Task<bool> drop();

    cache::ReadThrough::Counts counts() const { return pages_.counts(); }

private:
    core::Task<std::string> make(ListQuery query);

    Store& store_;
    cache::ReadThrough pages_;
};

}  // namespace souk::store
