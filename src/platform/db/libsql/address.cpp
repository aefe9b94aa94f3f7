#include "platform/db/libsql/address.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace souk::db::libsql {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> schemes{
    {{"libsql://", "https://"}, {"https://", "https://"}, {"http://", "http://"}}
};

bool is_host(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".-_:[]").find(c) != std::string_view::npos;
    });
}

}  // namespace

bool is_address(std::string_view text) {
    return std::ranges::any_of(schemes,
                               [text](const auto& each) { return text.starts_with(each.first); });
}

Address parse(std::string_view text) {
    for (const auto& [scheme, used] : schemes) {
        if (!text.starts_with(scheme)) continue;
        std::string_view host = text.substr(scheme.size());
        if (host.ends_with('/')) host.remove_suffix(1);
        if (!is_host(host)) break;
        return {std::string(used) + std::string(host), std::string(host)};
    }
    throw std::invalid_argument(
        "the address of a libSQL database is libsql://host, https://host:port or http://host:port "
        "and nothing more; the token is a setting of its own");
}

}  // namespace souk::db::libsql
