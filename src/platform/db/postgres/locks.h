// Advisory locks: what only one process may do at a time on a database.
#pragma once

#include "platform/db/postgres/link.h"
#include "platform/db/reply.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace souk::db::postgres {

class Pool;

// The number of the lock named `what` in this schema; the same in every program.
std::int64_t lock_number(std::string_view schema, std::string_view what);

// The claims of one Database, each on a connection that is kept for it. When that is lost the claim
// is lost with it; claiming again then tries anew. Lives on the database's own loop.
class Claims {
public:
    explicit Claims(Pool& pool) : pool_(pool) {}

    core::Task<> claim(std::string what, Reply<bool> reply);

private:
    core::Task<bool> take(const std::string& what);

    Pool& pool_;
    std::map<std::string, std::shared_ptr<Link>> held_;
    std::set<std::string> being_taken_;
};

}  // namespace souk::db::postgres
