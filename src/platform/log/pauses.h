// Names what held others up: one line for each long pause of one kind. For eight times the bound
// after it only a longer one is told; how many were not is said in the next line.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace souk::log {

class Pauses {
public:
    // `sentence` has {} where the length belongs: "the disk took {} to sync the order log".
    Pauses(std::string service, std::string sentence);

    // Shorter than the bound costs a comparison. Called when the pause is over.
    void note(std::chrono::nanoseconds took) {
        if (took >= bound()) tell(took);
    }

    // From which length on a pause is told, in the whole program; 25 ms unless set.
    static std::chrono::nanoseconds bound() noexcept;
    static void set_bound(std::chrono::nanoseconds bound) noexcept;

private:
    void tell(std::chrono::nanoseconds took);

    const std::string service_;
    const std::string sentence_;
    std::mutex mutex_;
    std::chrono::steady_clock::time_point quiet_until_;
    std::chrono::nanoseconds longest_told_{0};
    std::uint64_t untold_ = 0;
};

}  // namespace souk::log
