#include "platform/auth/key_set.h"

#include "platform/auth/base64url.h"
#include "platform/auth/foreign_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace souk::auth {
namespace {

using Object = boost::json::object;

constexpr std::size_t keys_max = 64;  // looked at, of one set

std::optional<std::string> number_in(const Object& key, std::string_view name) {
    const std::optional<std::string_view> text = text_in(key, name);
    return text ? from_base64url(*text) : std::nullopt;
}

bool is_absent_or(std::string_view expected, const Object& key, std::string_view name) {
    return !key.contains({name.data(), name.size()}) || text_in(key, name) == expected;
}

std::optional<RsaPublicKey> read_key(const Object& key) {
    if (text_in(key, "kty") != "RSA") return std::nullopt;
    if (!is_absent_or("sig", key, "use") || !is_absent_or("RS256", key, "alg")) return std::nullopt;
    const std::optional<std::string> modulus = number_in(key, "n");
    const std::optional<std::string> exponent = number_in(key, "e");
    if (!modulus || !exponent) return std::nullopt;
    return RsaPublicKey::from_parts(*modulus, *exponent);
}

void add(const boost::json::value& element, KeySet& keys) {
    if (!element.is_object()) return;
    const Object& key = element.get_object();
    const std::optional<std::string_view> id = text_in(key, "kid");
    std::optional<RsaPublicKey> read = id ? read_key(key) : std::nullopt;
    if (!read) return;
    keys.try_emplace(std::string(*id), std::make_shared<SigningKey>(std::move(*read)));
}

}  // namespace

KeySet read_key_set(std::string_view json) {
    KeySet keys;
    const std::optional<Object> set = read_object(json);
    const boost::json::value* const member = set ? set->if_contains("keys") : nullptr;
    if (member == nullptr || !member->is_array()) return keys;
    const boost::json::array& list = member->get_array();
    for (std::size_t i = 0; i < std::min(list.size(), keys_max); ++i) add(list[i], keys);
    return keys;
}

KeySet succeed(const KeySet& old, KeySet fresh) {
    for (const auto& [id, key] : old) {
        const auto same = fresh.find(id);
        if (same != fresh.end() && same->second->is_same(*key))
            same->second = key;
        else
            key->retire();
    }
    return fresh;
}

}  // namespace souk::auth
