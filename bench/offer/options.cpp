#include "options.h"

#include <arpa/inet.h>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <random>
#include <string_view>

namespace offer {

namespace {

constexpr const char* usage =
    "usage: offer rate PORT [--rate N] [--seconds S] [--connections N] [--product P] [--seed N]\n"
    "       offer soak PORT [as rate] [--products N] [--stock N]\n"
    "       offer profile PORT [--scale F] [--product P] [--seed N]\n"
    "rate sends orders at a fixed rate and measures from the moment each was due.\n"
    "soak sells several products out and opens them again, a tenth more than the rate going to "
    "those sold out;\n"
    "it sums up the ids it was promised, to be compared with the database.\n"
    "profile is the contract's ramp of closed-loop users: 0 to 50 in 10 s, to 100 in 10 s, to 0 in "
    "5 s.\n"
    "The server is on 127.0.0.1. Prints one JSON object.\n";

template <typename Number>
bool read_number(std::string_view text, Number low, Number high, Number& into) {
    Number value{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return false;
    if (!(value >= low && value <= high)) return false;
    into = value;
    return true;
}

bool read_option(std::string_view name, std::string_view value, Options& into) {
    if (name == "--rate") return read_number(value, 1.0, 1e6, into.rate_per_second);
    if (name == "--seconds") return read_number(value, 0.1, 1e5, into.seconds);
    if (name == "--scale") return read_number(value, 0.001, 100.0, into.scale);
    if (name == "--seed") return read_number(value, std::uint64_t{0}, ~std::uint64_t{0}, into.seed);
    if (name == "--connections") {
        return read_number(value, std::size_t{1}, std::size_t{10'000}, into.connections);
    }
    if (name == "--products") {
        return read_number(value, std::size_t{2}, std::size_t{1000}, into.products);
    }
    if (name == "--stock") {
        return read_number(value, std::uint64_t{1}, std::uint64_t{1'000'000'000}, into.stock);
    }
    if (name == "--product") into.product = value;
    return name == "--product" && !value.empty();
}

}  // namespace

std::optional<Options> read_options(int argc, char** argv) {
    Options options;
    options.seed = std::random_device{}();
    std::uint16_t port = 0;
    bool fine = argc >= 3 && argc % 2 == 1;
    if (fine) {
        options.mode = argv[1];
        fine = (options.mode == "rate" || options.mode == "soak" || options.mode == "profile") &&
               read_number(std::string_view(argv[2]), std::uint16_t{1}, std::uint16_t{65535}, port);
    }
    for (int i = 3; fine && i < argc; i += 2) fine = read_option(argv[i], argv[i + 1], options);
    if (!fine) {
        std::fputs(usage, stderr);
        return std::nullopt;
    }
    options.server.sin_family = AF_INET;
    options.server.sin_port = htons(port);
    options.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return options;
}

}  // namespace offer
