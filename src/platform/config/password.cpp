#include "platform/config/password.h"

#include <algorithm>
#include <cstddef>

namespace souk::config {
namespace {

// "password=" and "sslpassword=", wherever they stand.
void mask_parameters(std::string& address) {
    constexpr std::string_view name = "password=";
    const auto same_letter = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    auto from = address.begin();
    for (;;) {
        from = std::search(from, address.end(), name.begin(), name.end(), same_letter);
        if (from == address.end()) return;
        const auto value = static_cast<std::size_t>(from - address.begin()) + name.size();
        const std::size_t end = std::min(address.find('&', value), address.size());
        if (end > value) address.replace(value, end - value, masked);
        from = address.begin() + static_cast<std::ptrdiff_t>(value);
    }
}

// Between the first colon and the last '@' before the query. To libpq a '?' does not begin the
// query before a '/' has come, and a '/' in a password is a mistake that must not show it either.
void mask_credentials(std::string& address) {
    const std::size_t scheme = address.find("://");
    if (scheme == std::string::npos) return;
    const std::size_t begin = scheme + 3;
    const std::size_t query = address.find('?', std::min(address.find('/', begin), address.size()));
    const std::size_t at = address.substr(0, query).rfind('@');
    const std::size_t colon = address.find(':', begin);
    if (at == std::string::npos || colon >= at) return;
    address.replace(colon + 1, at - colon - 1, masked);
}

}  // namespace

std::string without_password(std::string address) {
    mask_parameters(address);
    mask_credentials(address);
    return address;
}

}  // namespace souk::config
