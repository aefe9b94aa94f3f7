// The command line of the generator.
#pragma once

#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <string>

namespace offer {

struct Options {
    std::string mode;  // "rate", "soak" or "profile"
    sockaddr_in server{};
    std::string product = "iphone-15";
    std::size_t connections = 64;
    double rate_per_second = 20'000;
    double seconds = 10;           // rate, soak: length of the run
    std::size_t products = 5;      // soak
    std::uint64_t stock = 60'000;  // soak: units of each sale
    double scale = 1;              // profile: 1 is the 25 seconds of the contract
    std::uint64_t seed = 0;
};

// Nothing, after a message on stderr, when the command line is wrong.
std::optional<Options> read_options(int argc, char** argv);

}  // namespace offer
