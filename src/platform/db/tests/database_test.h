// What every engine must do; instantiated once per engine, in a test program of its own.
#pragma once

#include "platform/core/error.h"
#include "platform/db/database.h"
#include "platform/testing/engine.h"
#include "platform/testing/on_loop.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

namespace souk::db {

using testing::Engine;

class DatabaseTest : public ::testing::TestWithParam<Engine> {
protected:
    DatabaseTest();

    template <typename T>
    T wait(core::Task<T> task, std::size_t loop = 0) {
        return loops_.wait(std::move(task), loop);
    }

    template <typename T>
    std::future<T> start(core::Task<T> task, std::size_t loop = 0) {
        return loops_.start(std::move(task), loop);
    }

    std::int64_t count(Sql sql);
    static Migrations migrations();  // of tests/schema

    Place place_;
    testing::OnLoop loops_{3};      // outlives every database
    std::unique_ptr<Database> db_;  // has the tables of tests/schema
};

}  // namespace souk::db
