// A transaction on a PostgreSQL connection of its own.
#pragma once

#include "platform/db/database.h"
#include "platform/db/postgres/pool.h"

#include <memory>

namespace souk::db::postgres {

// What lives on the database's loop, of one transaction. BEGIN travels with its first statement.
class Lease : public std::enable_shared_from_this<Lease> {
public:
    Lease(std::shared_ptr<Pool> pool, std::shared_ptr<Link> link);

    void watch_deadline();
    core::Task<> run(Unit unit, Reply<std::vector<Rows>> reply);
    core::Task<> commit(Reply<Done> reply);
    core::Task<> abandon();

private:
    core::Task<> roll_back();
    void give_back();

    std::shared_ptr<Pool> pool_;
    std::shared_ptr<Link> link_;
    boost::asio::steady_timer deadline_;
    bool has_begun_ = false;
    std::optional<Failure>
        over_because_;  // set once: by commit, failure, lateness or the owner's end
};

// Begins one; `keeper` is whatever must live as long as a transaction can talk to the pool's loop.
void begin(Pool& pool, std::weak_ptr<void> keeper, Reply<std::unique_ptr<TransactionEngine>> reply);

}  // namespace souk::db::postgres
