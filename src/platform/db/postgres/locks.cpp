#include "platform/db/postgres/locks.h"

#include "platform/core/error.h"
#include "platform/db/postgres/pool.h"

#include <bit>
#include <utility>

namespace souk::db::postgres {
namespace {

constexpr const char* try_lock = "SELECT pg_try_advisory_lock($1)";
constexpr const char* still_there = "SELECT 1";

}  // namespace

std::int64_t lock_number(std::string_view schema, std::string_view what) {
    std::uint64_t hash = 14695981039346656037U;  // FNV-1a, 64 bits
    const auto add = [&hash](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    };
    add("souk/");
    add(schema);
    add("/");
    add(what);
    return std::bit_cast<std::int64_t>(hash);
}

core::Task<> Claims::claim(std::string what, Reply<bool> reply) {
    if (!being_taken_.insert(what).second) {
        reply.fail(Failure::unavailable("'" + what + "' is being claimed already"));
        co_return;
    }
    try {
        reply.give(co_await take(what));
    } catch (const std::exception&) {
        reply.fail(Failure::caught());
    }
    being_taken_.erase(what);
}

core::Task<bool> Claims::take(const std::string& what) {
    if (const auto held = held_.find(what); held != held_.end()) {
        const std::shared_ptr<Link> link = held->second;
        try {
            co_await link->ask(still_there, {});
            co_return true;
        } catch (const core::Unavailable&) {
            held_.erase(what);  // the connection is lost, and the claim with it
        }
    }
    const std::shared_ptr<Link> link = pool_.make_link();
    co_await link->connect();
    const Rows answer = co_await link->ask(try_lock, values(lock_number(pool_.schema(), what)));
    if (integer(answer[0][0]) == 0) co_return false;
    held_[what] = link;
    co_return true;
}

}  // namespace souk::db::postgres
