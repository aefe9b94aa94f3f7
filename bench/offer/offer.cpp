// A load generator for POST /order that offers a fixed rate, with or without sell-outs and resets,
// or follows the contract's load profile.

#include "modes.h"
#include "options.h"

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <sys/prctl.h>

int main(int argc, char** argv) {
    const std::optional<offer::Options> options = offer::read_options(argc, argv);
    if (!options) return 2;
    try {
        // The default slack of 50 us would make every order of a fast run late.
        prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
        const auto mode = options->mode == "rate"   ? offer::run_rate
                          : options->mode == "soak" ? offer::run_soak
                                                    : offer::run_profile;
        const std::string json = mode(*options);
        std::puts(json.c_str());
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "offer: %s\n", problem.what());
        return 1;
    }
}
