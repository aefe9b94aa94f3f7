#include "services/flash/tests/simulation/weather.h"

#include <utility>

namespace souk::flash::simulation {

using testing::FaultDisk;

Weather::Weather(testing::FixedClock& clock, Story& story, std::function<void()> on_death)
    : clock_(clock), story_(story), on_death_(std::move(on_death)) {
    disk_.on_step([this](const FaultDisk::Step& step) { before(step); });
}

void Weather::fail(std::string file, int pass, int times, FaultDisk::Kind kind) {
    file_ = std::move(file);
    pass_ = pass;
    times_ = times;
    kind_ = kind;
}

void Weather::cut_power_after(int operations, std::uint64_t seed) {
    cut_in_ = operations;
    cut_seed_ = seed;
}

void Weather::heal() {
    times_ = 0;
    slowness_ = {};
    cut_in_ = -1;
    disk_.heal();
}

void Weather::come_back() {
    dead_ = false;
    cut_in_ = -1;
    disk_.heal();
}

// Before every operation of the disk. After the power has failed the disk refuses by itself.
void Weather::before(const FaultDisk::Step& step) {
    if (dead_ || calm_) return;
    story_.add_to_digest(static_cast<std::uint64_t>(step.operation));
    story_.add_to_digest(step.file);
    story_.add_to_digest(static_cast<std::uint64_t>(step.offset));
    story_.add_to_digest(step.bytes);
    clock_.advance(slowness_);
    if (cut_in_ >= 0 && cut_in_-- == 0) {
        dead_ = true;
        on_death_();
        disk_.crash_at(0, cut_seed_);
        return;
    }
    if (times_ <= 0 || !step.file.starts_with(file_) || pass_-- > 0) return;
    --times_;
    disk_.fail_nth(0, {.kind = kind_, .lasts = false, .only = {}});
}

}  // namespace souk::flash::simulation
