#include "main/services/store.h"

#include "main/data_directory.h"
#include "main/databases.h"
#include "main/operations/store/store_panel.h"
#include "main/services/store_parts.h"
#include "platform/http/openapi.h"
#include "services/store/service.h"

#include <filesystem>

namespace souk {
namespace {

// A file elsewhere (TURSO_DATABASE_URL=file:…) has one process as well: its folder is locked as the
// data directory is.
std::unique_ptr<DataDirectory> lock_folder(const Config& config) {
    if (!is_store_embedded(config)) return nullptr;
    using std::filesystem::weakly_canonical;
    const std::filesystem::path folder = weakly_canonical(store_file(config)).parent_path();
    if (folder == weakly_canonical(config.data_dir)) return nullptr;
    return std::make_unique<DataDirectory>(folder);
}

std::vector<operations::Dependency> dependencies(const store::Service& store) {
    std::vector<operations::Dependency> all;
    for (const store::Component& each : store.components())
        all.push_back({each.name, each.is_up, each.detail, each.is_needed});
    return all;
}

class HostedStore final : public Hosted {
public:
    HostedStore(const Config& config, const Common& common)
        : address_(config.address),
          port_(config.store.port),
          folder_(lock_folder(config)),
          rows_(open_store(config, &common.metrics)),
          cache_(open_store_cache(config, common.clock)),
          verifier_(open_verifier(config, common.client, common.clock)),
          mail_(open_mail(config, common.client, common.clock)),
          service_(config.store, {.database = *rows_,
                                  .list_cache = may_keep_lists(config) ? cache_.get() : nullptr,
                                  .shares_list_cache = !config.store.redis_url.empty(),
                                  .limits = *cache_,
                                  .verifier = *verifier_,
                                  .client = common.client,
                                  .mail = mail_.get(),
                                  .background = common.background,
                                  .clock = common.clock,
                                  .random = common.random,
                                  .metrics = common.metrics}) {}

    operations::ServiceRow row() override {
        const http::Room room = api();
        return {
            .name = "store",
            .listeners = {{room.listener, address_, port_}},
            .dependencies = [this] { return dependencies(service_); },
            .description = http::openapi({.title = "Souk store",
                                          .version = SOUK_VERSION,
                                          .summary = "A shop: products, search, carts, reviews"},
                                         {&room}),
            .panel = operations::store_panel(service_),
            .actions = operations::store_actions(service_)};
    }

    std::vector<http::Listener> listeners() override {
        return {
            {address_, port_, {api()}}
        };
    }

    void start() override { service_.start(); }
    bool stop() override { return service_.stop(); }

private:
    http::Room api() {
        http::Room room = service_.api();
        room.listener = "api";
        return room;
    }

    const std::string address_;
    const std::uint16_t port_;
    const std::unique_ptr<DataDirectory> folder_;  // null: the data directory's own lock does
    const std::unique_ptr<db::Database> rows_;
    const std::unique_ptr<cache::Cache> cache_;
    const std::unique_ptr<auth::Verifier> verifier_;
    const std::unique_ptr<mail::Sender> mail_;
    store::Service service_;
};

}  // namespace

std::unique_ptr<Hosted> host_store(const Config& config, const Common& common) {
    return std::make_unique<HostedStore>(config, common);
}

}  // namespace souk
