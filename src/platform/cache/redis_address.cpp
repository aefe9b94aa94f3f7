#include "platform/cache/redis_address.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace souk::cache {
namespace {

constexpr int port_default = 14027;  // the store's contract; Redis itself has 6379
constexpr int database_max = 65'535;

// No part of the setting is repeated in a message: where it is malformed, anything may be the
// password.
core::Error wrong(std::string why) {
    return {
        core::Fault::invalid, "cache.redis_address",
        std::move(why) +
            "; a Redis address is host, host:port, redis://user:password@host:port/database or, "
            "with TLS, rediss://..."};
}

// The whole text as a number within bounds.
std::optional<int> number_within(std::string_view text, int least, int most) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
    return number >= least && number <= most ? std::optional(number) : std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        unsigned byte = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (error != std::errc() || end != digits.data() + 2) return std::nullopt;
        decoded += static_cast<char>(byte);
        i += 2;
    }
    return decoded;
}

bool is_host(std::string_view text) {
    const bool is_plain = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    });
    return !text.empty() && is_plain;
}

bool is_ipv6(std::string_view text) {
    const bool is_plain = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') ||
               c == '.' || c == ':';
    });
    return text.find(':') != std::string_view::npos && is_plain;
}

// "host", "host:port", "[::1]" or "[::1]:port".
core::Result<> read_place(std::string_view text, RedisAddress& into) {
    std::string_view host = text.substr(0, text.find(':'));
    std::string_view rest = text.substr(host.size());
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return wrong("a [ of an IPv6 address has no ]");
        host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        if (!is_ipv6(host)) return wrong("what stands in [ ] is no IPv6 address");
    } else if (rest.find(':', 1) != std::string_view::npos) {
        return wrong("it has more than one colon; an IPv6 address is written in [ ]");
    } else if (!is_host(host)) {
        return wrong(host.empty() ? "the host is missing" : "the host cannot be a host's name");
    }
    into.host = host;
    if (rest.empty()) return {};
    const std::optional<int> port =
        rest.starts_with(':') ? number_within(rest.substr(1), 1, 65'535) : std::nullopt;
    if (!port) return wrong("the port is not a number from 1 to 65535");
    into.port = *port;
    return {};
}

// "user", "user:password" or ":password".
core::Result<> read_credentials(std::string_view text, RedisAddress& into) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::optional<std::string> user = percent_decoded(text.substr(0, colon));
    const std::optional<std::string> password =
        percent_decoded(text.substr(std::min(colon + 1, text.size())));
    if (!user || !password)
        return wrong("after a % in user or password come two digits from 0 to F");
    if (!user->empty()) into.user = *user;
    if (!password->empty()) into.password = *password;
    return {};
}

core::Result<> read_database(std::string_view path, RedisAddress& into) {
    if (path.empty() || path == "/") return {};
    const std::optional<int> database = number_within(path.substr(1), 0, database_max);
    if (!database)
        return wrong(
            "what follows the host is not the number of a database "
            "(in a password / is written %2F, @ %40)");
    into.database = *database;
    return {};
}

// What follows the scheme.
core::Result<> read_url(std::string_view text, RedisAddress& into) {
    const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
        const core::Result<> credentials = read_credentials(authority.substr(0, at), into);
        if (!credentials) return credentials;
    }
    const std::size_t host = at == std::string_view::npos ? 0 : at + 1;
    const core::Result<> place = read_place(authority.substr(host), into);
    return place ? read_database(text.substr(authority.size()), into) : place;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    const auto same_letter = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    if (text.size() < prefix.size()) return false;
    if (!std::ranges::equal(text.substr(0, prefix.size()), prefix, same_letter)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

}  // namespace

core::Result<RedisAddress> parse_redis_address(const RedisSettings& settings) {
    RedisAddress address;
    address.port = settings.port == 0 ? port_default : settings.port;
    address.user = settings.user;
    address.password = settings.password;

    std::string_view text = trimmed(settings.url);
    address.tls = take_prefix(text, "rediss://");
    const bool is_url = address.tls || take_prefix(text, "redis://");
    if (!is_url && text.find("://") != std::string_view::npos)
        return wrong("it begins with neither redis:// nor rediss://");
    if (!is_url && text.find('@') != std::string_view::npos)
        return wrong("a user or password needs redis:// before it");
    const core::Result<> read = is_url ? read_url(text, address) : read_place(text, address);
    if (!read) return read.error();
    return address;
}

}  // namespace souk::cache
