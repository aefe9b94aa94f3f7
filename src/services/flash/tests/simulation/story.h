// What happened in a simulation: for people when it is kept, and as a digest by which two runs of a
// seed are compared.
#pragma once

#include "platform/testing/fixed_clock.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::flash::simulation {

enum class Telling { nothing, what_concerns, everything };

class Story {
public:
    Story(const testing::FixedClock& clock, Telling telling)
        : clock_(clock), telling_(telling), began_(clock.instant()) {}

    // `subject` is the order, key or product it is about, "" for what concerns everything.
    void tell(std::string subject, std::string text) {
        const auto since =
            std::chrono::duration_cast<std::chrono::milliseconds>(clock_.instant() - began_);
        add_to_digest(static_cast<std::uint64_t>(since.count()));
        add_to_digest(subject);
        add_to_digest(text);
        if (telling_ != Telling::nothing)
            events_.push_back({since.count(), std::move(subject), std::move(text)});
    }

    // Counts without being worth a line: every choice, every operation of the disk.
    void add_to_digest(std::uint64_t number) {
        for (int byte = 0; byte < 8; ++byte) mix(static_cast<unsigned char>(number >> (8 * byte)));
    }
    void add_to_digest(std::string_view text) {
        for (const char each : text) mix(static_cast<unsigned char>(each));
    }
    std::uint64_t digest() const { return digest_; }

    // What concerns one of these subjects, or nobody in particular: the latest lines of it.
    std::vector<std::string> about(const std::vector<std::string>& subjects) const {
        const bool is_all = telling_ == Telling::everything;
        const std::size_t most = is_all ? events_.size() : lines_max;
        std::vector<std::string> lines;
        for (auto event = events_.rbegin(); event != events_.rend() && lines.size() < most;
             ++event) {
            bool concerns = is_all || event->subject.empty() || subjects.empty();
            for (const std::string& each : subjects) concerns = concerns || each == event->subject;
            if (concerns) lines.push_back(line(*event));
        }
        return {lines.rbegin(), lines.rend()};
    }

private:
    static constexpr std::size_t lines_max = 40;

    struct Told {
        long long at_ms;
        std::string subject;
        std::string text;
    };

    static std::string line(const Told& event) {
        std::string at = std::to_string(event.at_ms);
        at.insert(0, at.size() < 9 ? 9 - at.size() : 0, ' ');
        return at + " ms  " + (event.subject.empty() ? "" : event.subject + ": ") + event.text;
    }

    void mix(unsigned char byte) { digest_ = (digest_ ^ byte) * 0x100000001B3ULL; }  // FNV-1a

    const testing::FixedClock& clock_;
    const Telling telling_;
    const core::Instant began_;
    std::vector<Told> events_;
    std::uint64_t digest_ = 0xCBF29CE484222325ULL;
};

}  // namespace souk::flash::simulation
