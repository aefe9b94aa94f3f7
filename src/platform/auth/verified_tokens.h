// Tokens whose signature was right, by their SHA-256, so that a client that comes again costs no
// second verification. Any thread; bounded.
#pragma once

#include "platform/auth/claims.h"
#include "platform/auth/key_set.h"

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace souk::auth {

using TokenHash = std::array<unsigned char, 32>;

TokenHash hash_of(std::string_view token);

class VerifiedTokens {
public:
    explicit VerifiedTokens(std::size_t entries_max = 10'000);

    // Nothing when the token is not here, expires at `still_valid_at` or before, or its key
    // retired.
    std::optional<Identity> find(const TokenHash& token, core::Time still_valid_at);

    // When there is no room, what is over goes first, and then what expires soonest.
    void keep(const TokenHash& token, Claims claims, SigningKeyPtr key, core::Time still_valid_at);

    std::size_t size() const;

private:
    static constexpr std::size_t shard_count = 16;

    struct Entry {
        Claims claims;
        SigningKeyPtr key;
        bool is_over(core::Time still_valid_at) const {
            return claims.expires_at <= still_valid_at || key->is_retired();
        }
    };
    // The first bytes of a SHA-256 are as good as any hash of it.
    struct FirstBytes {
        std::size_t operator()(const TokenHash& token) const;
    };
    using Entries = std::unordered_map<TokenHash, Entry, FirstBytes>;
    struct Shard {
        mutable std::mutex mutex;
        Entries entries;
    };

    Shard& shard_of(const TokenHash& token) { return shards_[token.back() % shard_count]; }
    static void make_room(Entries& entries, core::Time still_valid_at);

    const std::size_t shard_entries_max_;
    std::array<Shard, shard_count> shards_;
};

}  // namespace souk::auth
