#include "platform/core/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace souk::core {

std::int64_t stable_hash(std::string_view text) {
    return static_cast<std::int64_t>(XXH3_64bits(text.data(), text.size()));
}

}  // namespace souk::core
