// What becomes of a job after an attempt: plain rules.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "platform/jobs/jobs.h"

#include <optional>
#include <string>

namespace souk::jobs {

// An attempt nobody has heard the end of (its process was killed, an answer of the database was
// lost) is no failed one. But a job that kills its process must not do so for ever.
constexpr int lost_attempts_max = 10;

struct Verdict {
    enum class Outcome {
        done,       // the row goes
        retried,    // due again at `when`
        given_up,   // kept with `why`
        next_round  // of a kind that is done for ever: due again at `when`, as if new
    };

    Outcome outcome = Outcome::done;
    core::Time when;  // for done and given_up: now
    std::string why;  // of a failure; empty: the attempt succeeded

    // For `Kind::failed`.
    std::optional<core::Time> next() const {
        if (outcome == Outcome::given_up) return std::nullopt;
        return when;
    }
};

Verdict after_success(const Kind& kind, core::Time now);
Verdict after_failure(const Kind& kind, int attempt, std::string why, core::Time now,
                      core::Random& random);
// Of one that was begun too often without an end.
Verdict after_losses(const Kind& kind, core::Time now);

}  // namespace souk::jobs
