// What every engine must do; instantiated once per engine, in a test program of its own.
#pragma once

#include "platform/core/error.h"
#include "platform/core/loop.h"
#include "platform/db/database.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

namespace souk::db {

struct Backend {
    std::string name;
    Place (*fresh_place)();  // empty, and nobody else's
};

inline void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

class DatabaseTest : public testing::TestWithParam<Backend> {
protected:
    DatabaseTest();

    template <typename T>
    T wait(core::Task<T> task, std::size_t loop = 0) {
        return boost::asio::co_spawn(loops_[loop]->context(), std::move(task),
                                     boost::asio::use_future)
            .get();
    }

    template <typename T>
    std::future<T> start(core::Task<T> task, std::size_t loop = 0) {
        return boost::asio::co_spawn(loops_[loop]->context(), std::move(task),
                                     boost::asio::use_future);
    }

    std::int64_t count(Sql sql);
    static Migrations migrations();  // of tests/schema

    Place place_;
    core::Loops loops_;             // outlives every database
    std::unique_ptr<Database> db_;  // has the tables of tests/schema
};

}  // namespace souk::db
