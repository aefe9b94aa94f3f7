// Gets the tables ready, opens the room, and then looks after the database.
#pragma once

#include "platform/core/event.h"
#include "platform/core/random.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/jobs/jobs.h"
#include "services/store/contact_desk.h"
#include "services/store/operations.h"
#include "services/store/product_lists.h"
#include "services/store/store.h"

#include <atomic>
#include <string>

namespace souk::store {

class Keeper {
public:
    struct Parts {
        db::Database& database;
        Store& store;
        ProductLists& lists;
        ContactDesk& contacts;
        Operations& operations;
        jobs::Runner& jobs;
        core::Random& random;
    };

    explicit Keeper(Parts parts) : parts_(parts) {}

    // Until stop(). On a loop.
    core::Task<> run();
    void stop() { stopping_.set(); }

    bool database_answers() const { return answers_; }

private:
    core::Task<bool> get_ready();
    core::Task<> prepare();
    core::Task<bool> answers();

    Parts parts_;
    core::Event stopping_;
    std::atomic<bool> answers_{false};
    std::string told_problem_;
};

}  // namespace souk::store
