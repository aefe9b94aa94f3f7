#include "platform/jobs/verdict.h"

#include "platform/core/escape.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace souk::jobs {
namespace {

constexpr std::size_t reason_bytes_max = 500;

// 0.9 to 1.1 of it, so that what failed together does not come back together.
std::chrono::microseconds jittered(std::chrono::seconds length, core::Random& random) {
    std::uint32_t dice = 0;
    random.fill(std::as_writable_bytes(std::span(&dice, 1)));
    const std::chrono::microseconds tenth = std::chrono::microseconds(length) / 10;
    const double share = static_cast<double>(dice) / 4294967296.0;  // of what 32 bits hold
    const auto extra = static_cast<std::int64_t>(share * 2.0 * static_cast<double>(tenth.count()));
    return length - tenth + std::chrono::microseconds(extra);
}

// It may quote what somebody else has sent: bounded, and such that every engine takes it.
std::string readable(std::string_view why) {
    if (why.empty()) return "no reason was given";
    std::string text;
    core::escape_pretty(why.substr(0, reason_bytes_max), text);
    return text;
}

bool is_for_ever(const Kind& kind) { return kind.every.count() > 0; }

Verdict at_the_end(const Kind& kind, std::string why, core::Time now) {
    if (is_for_ever(kind)) return {Verdict::Outcome::next_round, now + kind.every, std::move(why)};
    return {Verdict::Outcome::given_up, now, std::move(why)};
}

}  // namespace

Verdict after_success(const Kind& kind, core::Time now) {
    if (is_for_ever(kind)) return {Verdict::Outcome::next_round, now + kind.every, {}};
    return {Verdict::Outcome::done, now, {}};
}

Verdict after_failure(const Kind& kind, int attempt, std::string why, core::Time now,
                      core::Random& random) {
    why = readable(why);
    const auto failed = static_cast<std::size_t>(attempt);
    if (failed <= kind.retry_after.size()) {
        const core::Time when = now + jittered(kind.retry_after[failed - 1], random);
        return {Verdict::Outcome::retried, when, std::move(why)};
    }
    return at_the_end(kind, std::move(why), now);
}

Verdict after_losses(const Kind& kind, core::Time now) {
    return at_the_end(kind, "its attempts begin and do not end; perhaps it kills its process", now);
}

}  // namespace souk::jobs
