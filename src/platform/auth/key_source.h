// Where a verifier has its keys from.
#pragma once

#include "platform/auth/key_set.h"
#include "platform/core/result.h"
#include "platform/core/task.h"

#include <string>

namespace souk::auth {

class KeySource {
public:
    virtual ~KeySource() = default;

    // Whether there are keys that still count. Asked for every token, so it is cheap; a refresh
    // that is due begins on this loop, and nobody waits for it.
    virtual bool has_keys(const core::Executor& loop) = 0;

    // The key of this id. invalid_token when there is none, keys_unavailable when there are none.
    virtual core::Task<core::Result<SigningKeyPtr>> find(std::string key_id) = 0;

    // Returns when there are keys, or when it is clear that they cannot be had now.
    virtual core::Task<> prepare() = 0;

    virtual bool is_up() const = 0;
};

}  // namespace souk::auth
