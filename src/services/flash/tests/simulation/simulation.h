// flash in one thread: a seeded scheduler picks what happens next, and the ledger checks after each
// step what was promised.
#pragma once

#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"
#include "services/flash/tests/simulation/dice.h"
#include "services/flash/tests/simulation/ledger.h"
#include "services/flash/tests/simulation/process.h"
#include "services/flash/tests/simulation/story.h"
#include "services/flash/tests/simulation/virtual_time.h"
#include "services/flash/tests/simulation/weather.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace souk::flash::simulation {

struct Outcome {
    std::optional<std::string> broken;  // the promise, when one was broken
    std::vector<std::string> story;     // as asked for
    std::int64_t orders = 0;            // admitted
    std::int64_t lives = 0;             // of the process
    std::int64_t steps = 0;
    std::uint64_t digest = 0;  // of everything that happened
};

class Simulation {
public:
    Simulation(std::uint64_t seed, Plant plant, Telling telling);

    Outcome run();

private:
    struct Plan {  // what kind of world this seed is
        Config config;
        int steps;
        bool starts_selling;
        std::int64_t products;
        std::int64_t quantity_max;
        std::int64_t keys;
        std::uint64_t trouble;       // of 1000 steps
        std::uint64_t database_ill;  // of 1000 statements
        std::uint64_t refused;       // of 1000 orders: the database will not take them
        bool has_days;               // long times pass as well
    };
    static Plan draw(Dice& dice);
    static Ledger::Rules rules(const Plan& plan);

    void boot();
    void opens_the_shop();
    void end_process(const char* how);
    void step();
    void observe();
    std::string product();
    std::string reference();

    void client_acts();
    void loop_runs();
    void database_acts();
    void time_passes();

    void trouble_comes();
    void disk_fails();
    void clock_is_set();
    void dies();
    void stops_in_order();

    bool comes_to_rest();
    bool is_at_rest() const;
    void drive();  // everything that is ready, without trouble

    core::Task<> places_order(std::string key, std::string product, std::string user);
    core::Task<> starts_sale(std::string product, std::int64_t quantity);
    core::Task<> cancels(std::string reference);
    core::Task<> asks(std::string reference);

    Dice dice_;
    const Plan plan_;
    const Plant plant_;
    testing::FixedClock clock_;
    VirtualTime time_{clock_};
    testing::SeededRandom random_;
    Story story_;
    Ledger ledger_;
    Weather weather_;
    bool database_down_ = false;
    std::int64_t lives_ = 0;
    std::int64_t steps_ = 0;
    std::int64_t keys_used_ = 0;
    std::unique_ptr<Process> process_;
};

// Runs the seed, and once more for its story when it breaks a promise.
Outcome simulate(std::uint64_t seed, Plant plant = Plant::none);

}  // namespace souk::flash::simulation
