#include "platform/cache/redis/names.h"

#include "platform/core/random.h"

#include <cstdint>
#include <span>

namespace souk::cache::on_redis {

std::string list_of_keys(const Group& group) { return group.generation_key + ":keys"; }

std::string matching(std::string_view prefix) {
    constexpr std::string_view special = "*?[]\\";
    std::string pattern;
    for (const char c : prefix) {
        if (special.find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
    }
    return pattern + "*";
}

std::string fresh_number() {
    core::SystemRandom random;
    std::uint64_t number = 0;
    random.fill(std::as_writable_bytes(std::span(&number, 1)));
    return std::to_string(number >> 4U);
}

}  // namespace souk::cache::on_redis
