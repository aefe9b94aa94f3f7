#include "platform/auth/verified_tokens.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

namespace souk::auth {
namespace {

struct Free {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
    void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};

}  // namespace

TokenHash hash_of(std::string_view token) {
    // Looked up once: by name it takes longer than the hash of a token.
    static const std::unique_ptr<EVP_MD, Free> sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    thread_local const std::unique_ptr<EVP_MD_CTX, Free> digest(EVP_MD_CTX_new());
    TokenHash hash{};
    if (!sha256 || !digest || EVP_DigestInit_ex2(digest.get(), sha256.get(), nullptr) != 1 ||
        EVP_DigestUpdate(digest.get(), token.data(), token.size()) != 1 ||
        EVP_DigestFinal_ex(digest.get(), hash.data(), nullptr) != 1)
        throw std::runtime_error("OpenSSL cannot make a SHA-256");
    return hash;
}

std::size_t VerifiedTokens::FirstBytes::operator()(const TokenHash& token) const {
    std::size_t first = 0;
    std::memcpy(&first, token.data(), sizeof first);
    return first;
}

VerifiedTokens::VerifiedTokens(std::size_t entries_max)
    : shard_entries_max_(std::max<std::size_t>(entries_max / shard_count, 1)) {}

std::optional<Identity> VerifiedTokens::find(const TokenHash& token, core::Time still_valid_at) {
    Shard& shard = shard_of(token);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(token);
    if (found == shard.entries.end()) return std::nullopt;
    if (!found->second.is_over(still_valid_at)) return found->second.claims.identity;
    shard.entries.erase(found);
    return std::nullopt;
}

void VerifiedTokens::keep(const TokenHash& token, Claims claims, SigningKeyPtr key,
                          core::Time still_valid_at) {
    Shard& shard = shard_of(token);
    const std::lock_guard lock(shard.mutex);
    if (shard.entries.size() >= shard_entries_max_) make_room(shard.entries, still_valid_at);
    shard.entries.insert_or_assign(token, Entry{std::move(claims), std::move(key)});
}

void VerifiedTokens::make_room(Entries& entries, core::Time still_valid_at) {
    const std::size_t gone = std::erase_if(
        entries, [&](const auto& each) { return each.second.is_over(still_valid_at); });
    if (gone > 0 || entries.empty()) return;
    const auto soonest = [](const auto& a, const auto& b) {
        return a.second.claims.expires_at < b.second.claims.expires_at;
    };
    entries.erase(std::min_element(entries.begin(), entries.end(), soonest));
}

std::size_t VerifiedTokens::size() const {
    std::size_t all = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        all += shard.entries.size();
    }
    return all;
}

}  // namespace souk::auth
