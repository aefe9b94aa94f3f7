#include "platform/auth/jwt.h"

#include "platform/auth/base64url.h"
#include "platform/auth/foreign_json.h"
#include "platform/auth/refusals.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <optional>

namespace souk::auth {
namespace {

using Parts = std::array<std::string_view, 3>;

std::optional<Parts> split(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                 token.substr(second + 1)};
}

// The text of `kid`, when `alg` is ours. Other parameters are ignored, except `crit`: who does not
// know what stands there must refuse the token (RFC 7515, 4.1.11), and we know none.
std::optional<std::string> key_id_of(std::string_view header) {
    const std::optional<boost::json::object> object = read_object(header);
    if (!object || object->contains("crit") || text_in(*object, "alg") != "RS256")
        return std::nullopt;
    const std::optional<std::string_view> key_id = text_in(*object, "kid");
    return key_id ? std::optional<std::string>(*key_id) : std::nullopt;
}

}  // namespace

core::Result<Jwt> read_jwt(std::string_view token) {
    if (token.size() > token_bytes_max) return invalid_token("the token is too long");
    const std::optional<Parts> parts = split(token);
    if (!parts) return invalid_token("the token does not have three parts");
    const auto& [header, payload, signature] = *parts;
    const std::optional<std::string> header_text = from_base64url(header);
    std::optional<std::string> payload_text = from_base64url(payload);
    std::optional<std::string> signature_bytes = from_base64url(signature);
    if (!header_text || !payload_text || !signature_bytes)
        return invalid_token("the token is not base64url throughout");
    std::optional<std::string> key_id = key_id_of(*header_text);
    if (!key_id) return invalid_token("the token's header is not one for RS256 with a key id");
    return Jwt{.key_id = std::move(*key_id),
               .signed_text = token.substr(0, header.size() + 1 + payload.size()),
               .payload = std::move(*payload_text),
               .signature = std::move(*signature_bytes)};
}

std::string unsigned_jwt(std::string_view key_id, std::string_view payload) {
    const boost::json::object header = {
        {"alg", "RS256"},
        {"kid", boost::json::string_view(key_id.data(), key_id.size())},
        {"typ", "JWT"}
    };
    return to_base64url(boost::json::serialize(header)) + "." + to_base64url(payload);
}

}  // namespace souk::auth
