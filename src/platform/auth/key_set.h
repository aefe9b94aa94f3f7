// The keys an issuer signs with (JWKS, RFC 7517), by their ids.
#pragma once

#include "platform/auth/rsa.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace souk::auth {

// One object for as long as the key is in the set, from one fetch to the next.
class SigningKey {
public:
    explicit SigningKey(RsaPublicKey key) : key_(std::move(key)) {}

    bool verifies(std::string_view message, std::string_view signature) const {
        return key_.verifies(message, signature);
    }
    bool is_same(const SigningKey& other) const { return key_ == other.key_; }

    // It has left the set: what was verified with it counts no longer.
    void retire() { is_retired_ = true; }
    bool is_retired() const { return is_retired_; }

private:
    RsaPublicKey key_;
    std::atomic<bool> is_retired_{false};
};

using SigningKeyPtr = std::shared_ptr<const SigningKey>;
using KeySet = std::map<std::string, std::shared_ptr<SigningKey>, std::less<>>;

// Keys that are not for us (no id, not RSA, too short, for another use or algorithm) are left out;
// empty when there is no other, or when the text is no key set.
KeySet read_key_set(std::string_view json);

// `fresh`, in which a key that `old` has as well is the same object; the other old ones retire.
KeySet succeed(const KeySet& old, KeySet fresh);

}  // namespace souk::auth
