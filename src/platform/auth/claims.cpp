#include "platform/auth/claims.h"

#include "platform/auth/foreign_json.h"
#include "platform/auth/refusals.h"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace souk::auth {
namespace {

using Object = boost::json::object;

constexpr double year_9999_ends = 253'402'300'799.0;

std::string text_or_empty(const Object& claims, std::string_view name) {
    return std::string(text_in(claims, name).value_or(std::string_view()));
}

// Seconds since 1970, maybe with a fraction. What is further away than a Time should go is brought
// back to where it is as past, or as far ahead, as before.
std::optional<core::Time> time_of(const boost::json::value& claim) {
    if (!claim.is_number()) return std::nullopt;
    const double seconds = std::clamp(claim.to_number<double>(), 0.0, year_9999_ends);
    return core::Time(std::chrono::microseconds(std::llround(seconds * 1e6)));
}

// `nbf` and `iat` need not be there; when they are, they are times, and have come.
bool has_come(const Object& claims, boost::json::string_view name, core::Time latest) {
    const boost::json::value* const claim = claims.if_contains(name);
    if (claim == nullptr) return true;
    const std::optional<core::Time> time = time_of(*claim);
    return time && *time <= latest;
}

bool is_from(const Object& claims, std::string_view issuer) {
    const std::optional<std::string_view> named = text_in(claims, "iss");
    return named && without_slash(*named) == without_slash(issuer);
}

bool is_for(const Object& claims, const std::vector<std::string>& parties) {
    if (parties.empty() || !claims.contains("azp")) return true;
    const std::optional<std::string_view> party = text_in(claims, "azp");
    return party && std::find(parties.begin(), parties.end(), *party) != parties.end();
}

core::Result<Claims> check(const Object& claims, const IssuerOptions& expected, core::Time now) {
    if (!is_from(claims, expected.issuer)) return invalid_token("the token is from another issuer");
    const boost::json::value* const expiry = claims.if_contains("exp");
    const std::optional<core::Time> expires_at = expiry ? time_of(*expiry) : std::nullopt;
    if (!expires_at) return invalid_token("the token does not say when it expires");
    if (*expires_at <= now - expected.clock_skew) return token_expired();
    const core::Time latest = now + expected.clock_skew;
    if (!has_come(claims, "nbf", latest) || !has_come(claims, "iat", latest))
        return invalid_token("the token does not count yet");
    if (!is_for(claims, expected.authorized_parties))
        return invalid_token("the token was given to a party that is not allowed here");
    return Claims{
        .identity = {.subject = text_or_empty(claims, "sub"),
                     .email = text_or_empty(claims, "email"),
                     .name = text_or_empty(claims, "name")},
        .expires_at = *expires_at
    };
}

}  // namespace

core::Result<Claims> check_claims(std::string_view payload, const IssuerOptions& expected,
                                  core::Time now) {
    const std::optional<Object> claims = read_object(payload);
    if (!claims) return invalid_token("the token's payload is not a JSON object");
    return check(*claims, expected, now);
}

std::string_view without_slash(std::string_view issuer) {
    return issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer;
}

}  // namespace souk::auth
