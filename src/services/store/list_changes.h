// Lists in a cache that other processes read are dropped after every change of what they show, also
// when whoever made it is killed between its commit and its drop: a job of the same transaction is
// left to the others.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/jobs/jobs.h"
#include "services/store/product_lists.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace souk::store {

class ListChanges {
public:
    // Nothing is owed to a cache that ends with this process.
    enum class Cache { own, shared };

    ListChanges(Cache cache, ProductLists& lists, db::Database& database, const core::Clock& clock,
                core::Random& random);

    struct Change {
        std::string id;                    // empty: no job
        std::optional<db::Statement> job;  // a step of the transaction
    };
    Change begin();

    // It was committed, and is answered after this.
    core::Task<> finish(std::string id);

    // It may still be committed: the lists are dropped now, and by the job after that.
    core::Task<> leave_open();

    // This object must outlive its runner.
    jobs::Kind kind();

private:
    core::Task<> make_up_for(jobs::Job job);
    void remember(std::string id);
    bool was_finished(const std::string& id);

    const Cache cache_;
    ProductLists& lists_;
    db::Database& database_;
    const core::Clock& clock_;
    const std::string name_;  // tells this process's changes from others'

    std::mutex mutex_;  // guards what follows
    std::uint64_t begun_ = 0;
    std::deque<std::string> finished_;  // whose jobs have nothing to do, the newest of them
};

}  // namespace souk::store
