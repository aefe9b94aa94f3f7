#include "services/store/keeper.h"

#include "platform/log/log.h"
#include "store/schema.h"

#include <chrono>
#include <exception>
#include <utility>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr auto ready_pause = 500ms;
constexpr auto look_pause = 1s;
constexpr std::size_t secret_bytes = 32;

}  // namespace

core::Task<> Keeper::run() {
    while (!co_await get_ready()) {
        if (co_await stopping_.wait(ready_pause)) co_return;
    }
    // A connection that broke while it lay idle says nothing about the database: look again.
    while (!co_await stopping_.wait(look_pause)) {
        const bool first = co_await answers();
        answers_ = first || co_await answers();
    }
}

core::Task<bool> Keeper::get_ready() {
    std::string problem;
    try {
        co_await prepare();
        answers_ = true;
        log::info("store", "ready", {log::Field("database", parts_.database.describe())});
        co_return true;
    } catch (const std::exception& failure) {
        problem = failure.what();
    }
    if (problem != told_problem_) {
        const std::string database = parts_.database.describe();
        log::error("store",
                   "not ready: what needs the database gets 500; it is tried again twice a second",
                   {log::Field("database", database), log::Field("reason", problem)});
    }
    told_problem_ = std::move(problem);
    co_return false;
}

// Each step may be done again. The cache is emptied because a process that was killed after a
// commit may not have come to it.
core::Task<> Keeper::prepare() {
    co_await parts_.database.migrate(migrations());
    co_await parts_.database.migrate(jobs::migrations());
    std::string key =
        co_await parts_.store.kept_secret("contact", core::random_hex(parts_.random, secret_bytes));
    parts_.contacts.set_key(std::move(key));
    co_await parts_.lists.drop();
    parts_.jobs.start();
    parts_.operations.open();
}

core::Task<bool> Keeper::answers() {
    try {
        co_await parts_.store.ping();
        co_return true;
    } catch (const std::exception&) {
        co_return false;
    }
}

}  // namespace souk::store
