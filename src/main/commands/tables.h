// One look at the tables of a service, for a command.
#pragma once

#include "main/databases.h"
#include "platform/core/loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <memory>

namespace souk::commands {

// Longer than the program itself ever waits: nobody buys meanwhile, somebody reads.
inline constexpr std::chrono::seconds reading_patience{60};

using Open = std::unique_ptr<db::Database> (*)(const Config&, std::chrono::milliseconds);

// Waits for what a task that `look` makes gives.
template <typename Look>
auto look_at(Open open, const Config& config, Look look) {
    core::Loop loop("command");
    const std::unique_ptr<db::Database> tables = open(config, reading_patience);
    return boost::asio::co_spawn(loop.context(), look(*tables), boost::asio::use_future).get();
}

template <typename Look>
auto read_flash(const Config& config, Look look) {
    return look_at(open_flash_for_reading, config, look);
}

template <typename Look>
auto read_store(const Config& config, Look look) {
    return look_at(open_store_for_reading, config, look);
}

}  // namespace souk::commands
