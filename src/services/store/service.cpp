#include "services/store/service.h"

#include "platform/jobs/jobs.h"
#include "services/store/authentication.h"
#include "services/store/confirmations.h"
#include "services/store/contact_desk.h"
#include "services/store/contact_forward.h"
#include "services/store/http.h"
#include "services/store/keeper.h"
#include "services/store/list_changes.h"
#include "services/store/operations.h"
#include "services/store/order_confirmation.h"
#include "services/store/product_lists.h"
#include "services/store/store.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <cmath>
#include <future>
#include <utility>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr auto stop_patience = 5s;

std::vector<jobs::Kind> kinds_of(ContactForward& forward, OrderConfirmation& confirmation,
                                 ListChanges& list_changes) {
    std::vector<jobs::Kind> kinds = forward.kinds();
    kinds.push_back(confirmation.kind());
    kinds.push_back(list_changes.kind());
    return kinds;
}

}  // namespace

// In the order in which they borrow from each other.
class Service::Parts {
public:
    Parts(Config with, Deps from)
        : config(std::move(with)),
          deps(from),
          began(deps.clock.instant()),
          counters(deps.metrics),
          store(deps.database, deps.clock),
          lists(deps.list_cache, store, deps.metrics),
          list_changes(
              deps.shares_list_cache ? ListChanges::Cache::shared : ListChanges::Cache::own, lists,
              deps.database, deps.clock, deps.random),
          forward({deps.database, deps.client, deps.mail, deps.clock, config.contact_to_email,
                   config.contact_webhook_url}),
          confirmation(store, deps.mail, deps.clock),
          contacts({deps.database, deps.limits, deps.clock, deps.random, forward.has_receiver()}),
          runner({.service = "store"},
                 {deps.database, deps.background, deps.clock, deps.random, deps.metrics},
                 kinds_of(forward, confirmation, list_changes)),
          operations({store, lists, list_changes, contacts, counters, confirmation.job(),
                      [this] { runner.wake(); }}),
          keeper({deps.database, store, lists, contacts, operations, runner, deps.random}),
          panel({counters, deps.database, runner, [this] { return lookups(); },
                 [this] { return operations.is_open(); }, deps.clock}),
          wiring{operations,
                 deps.clock,
                 deps.random,
                 [this](http::Request& request, http::Auth wanted) {
                     return authenticate(deps.verifier, request, wanted);
                 },
                 [this] { return uptime_seconds(); },
                 [this] { return health(); },
                 config.image_kit_private_key,
                 config.frontend_urls,
                 config.checkout} {}

    Panel::Lookups lookups() const {
        const cache::ReadThrough::Counts counts = lists.counts();
        return {counts.hits, counts.misses};
    }

    std::int64_t uptime_seconds() const {
        const std::chrono::duration<double> up = deps.clock.instant() - began;
        return std::llround(up.count());
    }

    HealthBody health() const;

    Config config;
    Deps deps;
    core::Instant began;
    Metrics counters;
    Store store;
    ProductLists lists;
    ListChanges list_changes;
    ContactForward forward;
    OrderConfirmation confirmation;
    ContactDesk contacts;
    jobs::Runner runner;
    Operations operations;
    Keeper keeper;
    Panel panel;
    Wiring wiring;
    std::vector<std::future<void>> running;
};

HealthBody Service::Parts::health() const {
    HealthBody body;
    body.uptime_seconds = uptime_seconds();
    body.database.ok = keeper.database_answers();
    if (!body.database.ok) body.database.error = "the database does not answer";
    const Panel::Lookups counts = lookups();
    body.cache.ok = deps.list_cache != nullptr && deps.list_cache->is_up();
    if (deps.list_cache == nullptr) {
        body.cache.error = "no cache is set";
    } else if (!body.cache.ok) {
        body.cache.error = "the cache does not answer";
    }
    body.cache.hits = static_cast<std::int64_t>(counts.hits);
    body.cache.misses = static_cast<std::int64_t>(counts.misses);
    body.cache.total = body.cache.hits + body.cache.misses;
    if (body.cache.total > 0) {
        const double rate =
            100.0 * static_cast<double>(body.cache.hits) / static_cast<double>(body.cache.total);
        body.cache.hit_rate_pct = std::round(rate * 100) / 100;
    }
    const bool is_degraded = deps.list_cache != nullptr && !body.cache.ok;
    body.status = !body.database.ok ? "error" : is_degraded ? "degraded" : "ok";
    return body;
}

Service::Service(Config config, Deps deps)
    : parts_(std::make_unique<Parts>(std::move(config), deps)) {}
Service::~Service() = default;

http::Room Service::api() { return api_room(parts_->wiring); }

void Service::start() {
    auto& loop = parts_->deps.background.context();
    parts_->running.push_back(
        boost::asio::co_spawn(loop, parts_->keeper.run(), boost::asio::use_future));
    parts_->running.push_back(
        boost::asio::co_spawn(loop, parts_->panel.follow_tables(), boost::asio::use_future));
    parts_->running.push_back(
        boost::asio::co_spawn(loop, parts_->deps.verifier.prepare(), boost::asio::use_future));
}

bool Service::stop() {
    const auto until = std::chrono::steady_clock::now() + stop_patience;
    parts_->keeper.stop();
    parts_->panel.stop();
    for (std::future<void>& each : parts_->running) {
        if (each.wait_until(until) != std::future_status::ready) return false;
        each.get();
    }
    parts_->running.clear();
    // Whoever starts the runner has ended, so it is not started any more.
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    return parts_->runner.stop(std::max(left, std::chrono::milliseconds(100)));
}

core::Task<std::int64_t> Service::resend_contacts(std::optional<std::int64_t> id) {
    if (!parts_->operations.is_open()) throw core::Unavailable("store is not ready");
    const std::int64_t queued =
        co_await store::resend_contacts(parts_->deps.database, id, parts_->deps.clock.now());
    parts_->runner.wake();
    parts_->panel.look_again();
    co_return queued;
}

core::Task<std::int64_t> Service::resend_confirmations(std::optional<std::int64_t> order_id) {
    if (!parts_->operations.is_open()) throw core::Unavailable("store is not ready");
    if (parts_->deps.mail == nullptr) throw core::Unavailable(no_mail);
    const std::int64_t queued = co_await store::resend_confirmations(
        parts_->deps.database, order_id, parts_->deps.clock.now());
    parts_->runner.wake();
    parts_->panel.look_again();
    co_return queued;
}

Panel& Service::panel() { return parts_->panel; }

std::vector<Component> Service::components() const {
    const bool database = parts_->keeper.database_answers();
    const auth::Verifier& verifier = parts_->deps.verifier;
    std::vector<Component> all{
        {"database", database,         true,
         parts_->deps.database.describe() +
             (database ? "" : " does not answer: what needs it gets 500")                      },
        {"tokens",   verifier.is_up(), false,
         verifier.describe() + (verifier.is_up() ? "" : ": no keys yet, who signs in gets 503")},
    };
    if (const cache::Cache* const cache = parts_->deps.list_cache; cache != nullptr) {
        all.push_back({"cache", cache->is_up(), false,
                       cache->describe() +
                           (cache->is_up() ? "" : " does not answer: lists are read every time")});
    }
    return all;
}

}  // namespace souk::store
