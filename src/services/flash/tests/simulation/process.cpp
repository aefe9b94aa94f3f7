#include "services/flash/tests/simulation/process.h"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace souk::flash::simulation {

Process::Process(const Config& config, const Surroundings& around)
    : ledger_(around.ledger),
      real_gate_(std::chrono::seconds(config.idempotency_ttl_seconds), around.clock, around.random,
                 config.max_per_user),
      real_log_({.file = "flash-log.db",
                 .key_life = std::chrono::seconds(config.idempotency_ttl_seconds),
                 .vfs = around.vfs,
                 .removed_at_once = 1},
                around.clock, around.random),
      gate(real_gate_, around.ledger, around.plant),
      database("flash.db", around.vfs, around.plant, around.look),
      log(real_log_, gate, around.ledger, around.plant,
          [this] {
              database.look_now();
              ledger_.recovered();
          }),
      shop(config, {gate, log, database, around.clock, around.random, registry_}) {}

void Process::start() {
    for (core::Task<>& task : shop.tasks()) spawn(std::move(task), running_);
}

void Process::spawn(core::Task<> client) { spawn(std::move(client), clients_); }

void Process::spawn(core::Task<> task, int& count) {
    ++count;
    boost::asio::co_spawn(context_, std::move(task), [this, &count](std::exception_ptr failure) {
        --count;
        try {
            if (failure) std::rethrow_exception(failure);
        } catch (const std::exception& what) {
            ledger_.fail(std::string("a task ended with ") + what.what(), {});
        }
    });
}

}  // namespace souk::flash::simulation
