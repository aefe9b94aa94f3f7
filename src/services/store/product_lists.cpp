#include "services/store/product_lists.h"

#include "platform/db/database.h"
#include "services/store/rules.h"
#include "services/store/wire.h"

#include <utility>

namespace souk::store {
namespace {

// Somebody else may write into a shared cache as well. What is no such answer from end to end is
// made again.
bool looks_like_a_list(std::string_view text) {
    return text.starts_with(R"({"success":true,)") && text.ends_with("]}");
}

// A search may read the whole table, and everybody may search for something else. Half of the
// database's connections are left to who buys.
std::size_t makings_max() { return static_cast<std::size_t>(db::Place().connections_max) / 2; }

}  // namespace

ProductLists::ProductLists(cache::Cache* cache, Store& store, metrics::Registry& metrics)
    : store_(store),
      pages_(cache,
             {
                 .name = "products",
                 .group = {.prefix = "products:", .generation_key = "catalog:gen"},
                 .life = life,
                 .valid = looks_like_a_list,
                 .makings_max = makings_max()
},
             metrics) {}

core::Task<cache::Text> ProductLists::get(ListQuery query) {
    std::string key = list_key(query);
    co_return co_await pages_.get(std::move(key), [this, &query] { return make(query); });
}

core::Task<bool> ProductLists::drop() { co_return co_await pages_.drop(); }

core::Task<std::string> ProductLists::make(ListQuery query) {
    const std::vector<Product> products = co_await store_.list(std::move(query));
    co_return write_list(products);
}

}  // namespace souk::store
