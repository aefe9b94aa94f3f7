// What the disk of a simulation goes through: errors once or for a while, slowness, power cuts in
// the middle of a write.
#pragma once

#include "platform/testing/fault_disk.h"
#include "platform/testing/fixed_clock.h"
#include "services/flash/tests/simulation/story.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace souk::flash::simulation {

class Weather {
public:
    // `on_death` is called when the power fails; the process is to be thrown away then.
    Weather(testing::FixedClock& clock, Story& story, std::function<void()> on_death);

    const char* vfs() const { return disk_.vfs(); }

    // After `pass` operations on files that begin with `file`, the next `times` fail.
    void fail(std::string file, int pass, int times, testing::FaultDisk::Kind kind);
    void slow(std::chrono::milliseconds per_operation) { slowness_ = per_operation; }
    void cut_power_after(int operations, std::uint64_t seed);
    void heal();

    bool is_dead() const { return dead_; }
    void lose_power(std::uint64_t seed) { disk_.crash(seed); }
    void kill() { disk_.kill(); }
    void come_back();  // after the process is gone

    void skip_syncs_of(std::string file) { disk_.skip_syncs_of(std::move(file)); }

    // While one of these lives nothing fails and nothing is slow: the checker looks.
    class Calm {
    public:
        explicit Calm(Weather& weather) : weather_(weather) { weather_.calm_ = true; }
        ~Calm() { weather_.calm_ = false; }
        Calm(const Calm&) = delete;
        Calm& operator=(const Calm&) = delete;

    private:
        Weather& weather_;
    };

private:
    void before(const testing::FaultDisk::Step& step);

    testing::FixedClock& clock_;
    Story& story_;
    std::function<void()> on_death_;
    std::string file_;
    int pass_ = 0;
    int times_ = 0;
    testing::FaultDisk::Kind kind_ = testing::FaultDisk::Kind::io_error;
    std::chrono::milliseconds slowness_{0};
    int cut_in_ = -1;
    std::uint64_t cut_seed_ = 0;
    bool dead_ = false;
    bool calm_ = false;
    testing::FaultDisk disk_;
};

}  // namespace souk::flash::simulation
