#include "services/store/list_changes.h"

#include "platform/core/error.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr const char* drop_kind = "lists.drop";

// A writer that lives has dropped the lists by then, so that nobody does it once more.
constexpr auto grace = 2s;

// Longer than a drop takes, shorter than anybody wants to see an old list.
constexpr auto drop_lease = 5s;

// A job that comes after so many others have been finished drops the lists once more: no harm.
constexpr std::size_t finished_max = 1'000;

// Until what was kept has passed away by itself.
std::vector<std::chrono::seconds> retries() {
    std::vector<std::chrono::seconds> all{1s, 2s, 5s, 10s, 30s};
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(ProductLists::life).count();
    all.insert(all.end(), static_cast<std::size_t>(minutes), 60s);
    return all;
}

}  // namespace

ListChanges::ListChanges(Cache cache, ProductLists& lists, db::Database& database,
                         const core::Clock& clock, core::Random& random)
    : cache_(cache),
      lists_(lists),
      database_(database),
      clock_(clock),
      name_(core::random_hex(random, 8)) {}

ListChanges::Change ListChanges::begin() {
    if (cache_ == Cache::own) return {};
    std::string id = name_ + "-";
    {
        const std::lock_guard lock(mutex_);
        id += std::to_string(++begun_);
    }
    db::Statement job = jobs::enqueue(drop_kind, id, clock_.now() + grace);
    return {std::move(id), std::move(job)};
}

core::Task<> ListChanges::finish(std::string id) {
    const bool is_gone = co_await lists_.drop();
    if (is_gone && !id.empty()) remember(std::move(id));
}

core::Task<> ListChanges::leave_open() { co_await lists_.drop(); }

jobs::Kind ListChanges::kind() {
    jobs::Kind kind;
    kind.name = drop_kind;
    kind.work = [this](jobs::Job job) { return make_up_for(std::move(job)); };
    kind.retry_after = retries();
    kind.lease = drop_lease;
    return kind;
}

core::Task<> ListChanges::make_up_for(jobs::Job job) {
    // After a failed attempt others rely on this job.
    if (job.attempt == 1 && was_finished(job.payload)) co_return;
    // One drop does for all who have committed by now, so that few jobs wait while Redis is away.
    co_await database_.write(jobs::forget_others(job));
    const bool is_gone = co_await lists_.drop();
    const bool has_passed_away = static_cast<std::size_t>(job.attempt) > retries().size();
    if (!is_gone && !has_passed_away)
        throw core::Unavailable("the cache does not answer: it may hold old lists");
}

void ListChanges::remember(std::string id) {
    const std::lock_guard lock(mutex_);
    finished_.push_back(std::move(id));
    if (finished_.size() > finished_max) finished_.pop_front();
}

bool ListChanges::was_finished(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return std::erase(finished_, id) > 0;
}

}  // namespace souk::store
