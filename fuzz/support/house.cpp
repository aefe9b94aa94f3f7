#include "fuzz/support/house.h"

#include "fuzz/support/connection.h"
#include "fuzz/support/pieces.h"
#include "fuzz/support/premises.h"
#include "fuzz/support/property.h"
#include "main/operations/access/session.h"
#include "main/operations/backup.h"
#include "main/operations/flash/flash_panel.h"
#include "main/operations/operations.h"
#include "main/operations/store/store_panel.h"
#include "platform/cache/open.h"
#include "platform/testing/seeded_random.h"
#include "services/flash/service.h"
#include "services/store/service.h"
#include "services/store/tests/fakes.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace souk::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t sales_max = 200;

flash::Config flash_config(const Premises& on) {
    flash::Config config;
    config.data_dir = on.folder.path();
    config.admin_token = secret;
    config.max_products = sales_max;
    return config;
}

store::Config store_config() {
    store::Config config;
    config.image_kit_private_key = secret;
    config.checkout = true;
    return config;
}

// The effective settings as the program shows them.
std::vector<config::Effective> settings() {
    flash::Config flash;
    store::Config store;
    config::Settings rows = flash::settings(flash);
    for (config::Setting& row : store::settings(store)) rows.push_back(std::move(row));
    config::Sources sources;
    sources.services = {"flash", "store"};
    sources.make_secrets = false;
    sources.environment = {
        {"FLASH_ADMIN_TOKEN",     std::string(secret)                            },
        {"FLASH_DATABASE_URL",    "postgres://me:" + std::string(secret) + "@db/"},
        {"IMAGE_KIT_PRIVATE_KEY", std::string(secret)                            },
        {"REDIS_PASSWORD",        std::string(secret)                            },
        {"FLASH_API_URL",         "https://" + std::string(canary) + ".example"  }
    };
    const config::Outcome outcome = config::load(rows, sources);
    must(outcome.mistakes.empty(), "the settings are good",
         outcome.mistakes.empty() ? "" : outcome.mistakes.front());
    return outcome.values;
}

template <typename Components>
std::vector<operations::Dependency> dependencies(const Components& components) {
    std::vector<operations::Dependency> all;
    for (const auto& each : components)
        all.push_back({each.name, each.is_up, each.detail + std::string(canary)});
    return all;
}

// The two services, as src/main/services hosts them.
struct Services : Premises {
    Services() {
        flash.start();
        store.start();
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!std::ranges::all_of(dependencies(flash.components()),
                                    &operations::Dependency::is_up) ||
               !std::ranges::all_of(dependencies(store.components()),
                                    &operations::Dependency::is_up)) {
            must(std::chrono::steady_clock::now() < deadline, "the services are ready in time");
            std::this_thread::yield();
        }
        wait(open_sale(flash));
        ports = {server.listen({"127.0.0.1", 0, {flash.api()}}),
                 server.listen({"127.0.0.1", 0, {store.api()}})};
    }
    ~Services() {
        server.drain(1s);
        flash.stop();
        store.stop();
    }

    static core::Task<> open_sale(flash::Service& flash) {
        const auto started = co_await flash.start_sale(std::string(canary), 5);
        must(static_cast<bool>(started), "a sale can be started");
    }

    operations::ServiceRow flash_row() {
        return {.name = "flash",
                .listeners = {{"api", "127.0.0.1", ports[0]}},
                .dependencies = [this] { return dependencies(flash.components()); },
                .description = R"({"title":")" + std::string(canary) + "\"}",
                .panel = operations::flash_panel(flash),
                .actions = operations::flash_actions(flash)};
    }
    operations::ServiceRow store_row() {
        return {.name = "store",
                .listeners = {{"api", "127.0.0.1", ports[1]}},
                .dependencies = [this] { return dependencies(store.components()); },
                .description = R"({"title":")" + std::string(canary) + "\"}",
                .panel = operations::store_panel(store),
                .actions = operations::store_actions(store)};
    }

    testing::SeededRandom random;
    metrics::Registry registry;
    core::Loops loops = core::make_loops(1);
    core::Loop background{"background"};
    net::Client client;  // ends before the loops, on which its callers wait
    std::unique_ptr<db::Database> flash_rows = db::open({.file = folder.path() / "flash.db"});
    std::unique_ptr<db::Database> store_rows =
        db::open({.file = folder.path() / "store.db", .schema = "store"});
    std::unique_ptr<cache::Cache> cache = cache::local(clock);
    store::FakeVerifier verifier;
    flash::Service flash{
        flash_config(*this), {*flash_rows, background, clock, random, registry}
    };
    store::Service store{
        store_config(),
        {.database = *store_rows,
            .list_cache = cache.get(),
            .shares_list_cache = false,
            .limits = *cache,
            .verifier = verifier,
            .client = client,
            .mail = nullptr,
            .background = background,
            .clock = clock,
            .random = random,
            .metrics = registry}
    };
    http::Server server{
        {loops, clock, random, registry},
        http::ServerLimits()
    };
    std::vector<std::uint16_t> ports;
};

Services& services() {
    static Services running;
    return running;
}

// Gives what a backup would, and writes nothing: an input may name any file.
BackupReport no_backup(const std::string& file, const std::stop_token&) {
    if (file.ends_with("full")) throw std::runtime_error("the disk is full");
    return {.file = file + std::string(canary), .services = {"flash"}};
}

// The listener, with its own way from bytes to bytes.
class Listener {
public:
    Listener(Services& on, std::string token)
        : on_(on),
          operations_(
              {
                  .about = {.version = std::string(canary),
                            .environment = "production",
                            .data_directory = on.folder.path()},
                  .access = {std::move(token), "127.0.0.1"},
                  .services = {on.flash_row(), on.store_row()},
                  .actions = {backup_.route()},
                  .settings = settings(),
                  .page = page
    },
              {console_, on.clock, on.random, on.registry}, on.client),
          mount_(std::make_shared<const http::Mount>(std::vector<http::Room>{operations_.room()},
                                                     registry_, 1)) {
        lane_->start();  // its sweep ends a connection that waits for a client's close in vain
    }
    ~Listener() {
        lane_->stop();
        operations_.stop();
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start() { operations_.start(); }

    std::string send(std::string_view bytes) {
        return converse({.context = on_.context,
                         .lane = lane_,
                         .mount = mount_,
                         .pass_time = [this] { on_.clock.advance(10s); }},
                        bytes, all_at_once);
    }

private:
    static constexpr std::string_view page = "<title>canary-5150</title><i>{{nonce}}</i>";
    static_assert(page.find(canary) != std::string_view::npos);

    Services& on_;
    metrics::Registry registry_;
    core::Loop console_{"console"};
    operations::Backup backup_{no_backup};
    operations::Operations operations_;
    std::shared_ptr<http::Shared> shared_ = std::make_shared<http::Shared>(
        http::Server::Parts{on_.loops, on_.clock, on_.random, registry_}, http::ServerLimits());
    std::shared_ptr<http::Lane> lane_ =
        std::make_shared<http::Lane>(on_.context, shared_, on_.random);
    std::shared_ptr<const http::Mount> mount_;
};

}  // namespace

// Only one samples the panels: each is to be sampled once a second.
class House::Implementation {
public:
    Implementation() { without_token.start(); }

    Listener without_token{services(), ""};
    Listener with_token{services(), std::string(admin_token)};
};

House::House() : implementation_(std::make_unique<Implementation>()) {}
House::~House() = default;

std::string House::send_without_token(std::string_view bytes) {
    return implementation_->without_token.send(bytes);
}

std::string House::send_with_token(std::string_view bytes) {
    return implementation_->with_token.send(bytes);
}

std::string House::session() const {
    return operations::make_session(admin_token, services().clock.now() + 1h);
}

}  // namespace souk::fuzz
