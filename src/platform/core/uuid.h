// UUIDs of RFC 9562. Version 7: 48 bits of Unix milliseconds, then random bits, so that keys made
// later sort later and an index grows at its end. Version 4: random bits only.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::core {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    bool operator==(const Uuid&) const = default;
};

Uuid make_uuid_v7(Time now, Random& random);

// All but version and variant is random.
Uuid make_uuid_v4(Random& random);

// The 36 characters of the canonical form.
std::array<char, 36> to_chars(const Uuid& uuid);
std::string to_string(const Uuid& uuid);

// Canonical form only, either case; nullopt for anything else.
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace souk::core
