// What the rooms of a target stand on for as long as the program runs: an event loop that turns
// only while somebody waits, a clock that stands still, a folder for files. The log goes nowhere.
#pragma once

#include "platform/core/task.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/temporary_folder.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace souk::fuzz {

struct Premises {
    Premises();
    ~Premises();
    Premises(const Premises&) = delete;
    Premises& operator=(const Premises&) = delete;

    void wait(core::Task<> task);

    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        context.get_executor()};
    testing::FixedClock clock;
    testing::TemporaryFolder folder;
};

}  // namespace souk::fuzz
