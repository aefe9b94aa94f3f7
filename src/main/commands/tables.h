// One look at the tables of flash, for a command.
#pragma once

#include "main/flash_tables.h"
#include "platform/core/loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <memory>

namespace souk::commands {

// Longer than the program itself ever waits: nobody buys meanwhile, somebody reads.
inline constexpr std::chrono::seconds reading_patience{60};

// `look` makes a task that reads; gives what it gives.
template <typename Look>
auto read_tables(const Config& config, Look look) {
    core::Loop loop("reading");
    const std::unique_ptr<db::Database> tables = open_flash_for_reading(config, reading_patience);
    return boost::asio::co_spawn(loop.context(), look(*tables), boost::asio::use_future).get();
}

}  // namespace souk::commands
