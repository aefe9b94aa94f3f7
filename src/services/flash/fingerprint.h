// 128 bits of a keyed hash that stand for a text: nothing is allocated for it, and two texts of one
// fingerprint are less likely than a broken disk (docs/decisions/0005-fingerprints.md).
#pragma once

#include <cstddef>
#include <cstdint>

namespace souk::flash {

struct Fingerprint {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const Fingerprint&) const = default;
};

struct FingerprintHash {
    using is_avalanching = void;
    std::size_t operator()(const Fingerprint& print) const { return print.low; }
};

}  // namespace souk::flash
