// What lives on the database's loop, of one interactive transaction. BEGIN travels with its first
// statement, and the first failure of a statement is followed by ROLLBACK in the same trip.
#pragma once

#include "platform/db/libsql/attempts.h"
#include "platform/db/libsql/request.h"
#include "platform/db/libsql/stream.h"

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace souk::db::libsql {

class Lease : public std::enable_shared_from_this<Lease> {
public:
    Lease(std::shared_ptr<Server> server, Lane::Turn turn);

    // Once begun it is rolled back after the server's timeout, whatever its owner does.
    void watch_deadline();

    core::Task<std::vector<Rows>> run(const char* sql, std::vector<Values> rows);
    core::Task<Done> commit();
    core::Task<> abandon();

private:
    core::Task<std::vector<Rows>> carry_out(const char* sql, const std::vector<Values>& rows);
    core::Task<> finish();

    const std::shared_ptr<Server> server_;
    std::optional<Lane::Turn> turn_;
    Stream stream_;
    Attempts attempts_;
    boost::asio::steady_timer deadline_;
    bool has_begun_ = false;
    bool is_running_ = false;              // then whoever runs ends it
    std::optional<Failure> over_because_;  // set once: by commit, failure, lateness, owner's end
};

}  // namespace souk::db::libsql
