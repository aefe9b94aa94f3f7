#include "services/store/product_lists.h"

#include "services/store/rules.h"
#include "services/store/wire.h"

#include <utility>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

// Somebody else may write into a shared cache as well. What is no such answer from end to end is
// made again.
bool looks_like_a_list(std::string_view text) {
    return text.starts_with(R"({"success":true,)") && text.ends_with("]}");
}

}  // namespace

ProductLists::ProductLists(cache::Cache* cache, Store& store, metrics::Registry& metrics)
    : store_(store),
      pages_(cache,
             {
                 .name = "products",
                 .group = {.prefix = "products:", .generation_key = "catalog:gen"},
                 .life = 3'600s,
                 .valid = looks_like_a_list
},
             metrics) {}

core::Task<cache::Text> ProductLists::get(ListQuery query) {
    std::string key = list_key(query);
    co_return co_await pages_.get(std::move(key), [this, &query] { return make(query); });
}

core::Task<> ProductLists::drop() { co_await pages_.drop(); }

core::Task<std::string> ProductLists::make(ListQuery query) {
    const std::vector<Product> products = co_await store_.list(std::move(query));
    co_return write_list(products);
}

}  // namespace souk::store
