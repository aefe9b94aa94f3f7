// What goes wrong in a simulation: disk, database, clock, power, and the operator.
#include "services/flash/tests/simulation/simulation.h"

#include <array>

namespace souk::flash::simulation {

using namespace std::chrono_literals;

void Simulation::trouble_comes() {
    switch (dice_.below(10)) {
        case 0:
            database_down_ = !database_down_;
            return story_.tell("",
                               database_down_ ? "the database goes down" : "the database is up");
        case 1:
        case 2:
        case 3:
            return disk_fails();
        case 4:
            story_.tell("", "disk and database are well");
            database_down_ = false;
            return weather_.heal();
        case 5:
            return weather_.slow(std::chrono::milliseconds(dice_.between(0, 300)));
        case 6:
            return clock_is_set();
        case 7:
            return weather_.cut_power_after(static_cast<int>(dice_.below(25)), dice_.next());
        case 8:
            return dies();
        default:
            return dice_.chance(500) ? dies() : stops_in_order();
    }
}

void Simulation::disk_fails() {
    constexpr std::array<const char*, 3> files = {"flash-log.db", "flash.db", ""};
    const auto kind =
        dice_.chance(500) ? testing::FaultDisk::Kind::io_error : testing::FaultDisk::Kind::full;
    const char* const file = files[dice_.below(files.size())];
    const int times = dice_.chance(500) ? 1 : static_cast<int>(dice_.between(2, 30));
    const int pass = static_cast<int>(dice_.below(12));
    story_.tell("", "the disk will fail " + std::to_string(times) + " times on " + file + "*");
    weather_.fail(file, pass, times, kind);
}

void Simulation::clock_is_set() {
    const bool forward = dice_.chance(500);
    const auto by = std::chrono::seconds(dice_.between(1, 3600));
    if (forward) ledger_.clock_set_forward();
    story_.tell("", forward ? "the wall clock is set forward" : "the wall clock is set back");
    clock_.set(clock_.now() + (forward ? by : -by));
}

void Simulation::dies() {
    if (dice_.chance(700)) {
        weather_.lose_power(dice_.next());
        return end_process("the power fails");
    }
    weather_.kill();
    end_process("the process is killed");
}

void Simulation::stops_in_order() {
    story_.tell("", "the process is asked to stop");
    process_->stop();
    for (int i = 0; i < 200 && !process_->has_ended() && !weather_.is_dead(); ++i) {
        process_->context().poll();
        process_->log.step();
        database_acts();
        clock_.advance(20ms);
        observe();
    }
    const bool has_ended = process_->has_ended();
    end_process(has_ended ? "the process has stopped" : "the process stops with things left to do");
}

}  // namespace souk::flash::simulation
