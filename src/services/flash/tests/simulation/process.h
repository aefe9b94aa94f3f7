// One life of the program: the shop of production with a gate, a log and a database that are
// watched, on one event loop that the scheduler polls. Destroyed at any moment it is as good as
// killed.
#pragma once

#include "services/flash/shop.h"
#include "services/flash/tests/simulation/seams.h"
#include "services/flash/tests/simulation/simulated_database.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace souk::flash::simulation {

class Process {
public:
    struct Surroundings {
        testing::FixedClock& clock;
        core::Random& random;
        Ledger& ledger;
        SimulatedDatabase::Look look;
        const char* vfs;
        Plant plant;
    };

    // Opens the log; throws core::Unavailable when that cannot be.
    Process(const Config& config, const Surroundings& around);

    void start();
    void stop() { shop.stop(); }  // as SIGTERM does
    bool has_ended() const { return running_ == 0; }

    void spawn(core::Task<> client);
    int clients() const { return clients_; }  // waiting for an answer

private:
    // Last to be destroyed: it holds the coroutines, which hold orders.
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context_.get_executor()};

    void spawn(core::Task<> task, int& count);

    Ledger& ledger_;
    metrics::Registry registry_;
    MemoryGate real_gate_;
    SqliteOrderLog real_log_;
    int running_ = 0;
    int clients_ = 0;

public:
    boost::asio::io_context& context() { return context_; }

    WatchedGate gate;
    SimulatedDatabase database;
    WatchedLog log;
    Shop shop;
};

}  // namespace souk::flash::simulation
