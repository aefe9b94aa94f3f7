#include "platform/http/client_address.h"

#include "platform/http/ascii.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace souk::http {
namespace {

constexpr int ipv4_offset_bits = 96;

bool is_mapped(const Address& address) {
    static constexpr std::array<std::uint8_t, 12> prefix = {0, 0, 0, 0, 0,    0,
                                                            0, 0, 0, 0, 0xff, 0xff};
    return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

// "[::1]:80", "10.0.0.1:80" and the bare forms: proxies write all of them.
std::string_view without_port(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        return end == std::string_view::npos ? text : text.substr(1, end - 1);
    }
    if (std::count(text.begin(), text.end(), ':') == 1) return text.substr(0, text.find(':'));
    return text;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    char terminated[INET6_ADDRSTRLEN];
    if (text.empty() || text.size() >= sizeof terminated) return std::nullopt;
    std::memcpy(terminated, text.data(), text.size());
    terminated[text.size()] = '\0';

    Address address;
    if (::inet_pton(AF_INET, terminated, address.bytes.data() + 12) == 1) {
        address.bytes[10] = address.bytes[11] = 0xff;
        return address;
    }
    if (::inet_pton(AF_INET6, terminated, address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::string to_string(const Address& address) {
    char text[INET6_ADDRSTRLEN];
    const bool mapped = is_mapped(address);
    const void* const bytes = address.bytes.data() + (mapped ? 12 : 0);
    if (::inet_ntop(mapped ? AF_INET : AF_INET6, bytes, text, sizeof text) == nullptr) return {};
    return text;
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& list) {
    std::vector<std::string> wanted = list.empty() ? std::vector<std::string>{"loopback"} : list;
    for (const std::string& text : wanted) {
        if (text == "loopback") {
            blocks_.push_back(parse_block("127.0.0.0/8"));
            blocks_.push_back(parse_block("::1"));
        } else {
            blocks_.push_back(parse_block(text));
        }
    }
}

TrustedProxies::Block TrustedProxies::parse_block(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::optional<Address> address = parse_address(text.substr(0, slash));
    const bool dotted = text.find(':') == std::string::npos;
    const int bits_max = dotted ? 32 : 128;
    int bits = bits_max;
    bool fine = address.has_value();
    if (fine && slash != std::string::npos) {
        const char* const end = text.data() + text.size();
        const auto read = std::from_chars(text.data() + slash + 1, end, bits);
        fine = read.ec == std::errc() && read.ptr == end && bits >= 0 && bits <= bits_max;
    }
    if (!fine) throw std::runtime_error("'" + text + "' is neither an address nor a CIDR block");
    return {*address, bits + (dotted ? ipv4_offset_bits : 0)};
}

bool TrustedProxies::contains(const Address& address) const {
    return std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
        const auto whole = static_cast<std::size_t>(block.bits / 8);
        if (std::memcmp(block.address.bytes.data(), address.bytes.data(), whole) != 0) return false;
        const int rest = block.bits % 8;
        if (rest == 0) return true;
        const int differing = block.address.bytes[whole] ^ address.bytes[whole];
        return (differing >> (8 - rest)) == 0;
    });
}

std::string_view TrustedProxies::client(std::string_view peer_text, bool peer_trusted,
                                        std::span<const Header> headers) const {
    std::string_view nearest = peer_text;
    if (!peer_trusted) return nearest;
    for (std::size_t i = headers.size(); i-- > 0;) {
        if (!same_letters(headers[i].name, "x-forwarded-for")) continue;
        std::string_view list = headers[i].value;
        while (!list.empty()) {
            const std::size_t comma = list.rfind(',');
            const std::size_t from = comma == std::string_view::npos ? 0 : comma + 1;
            const std::string_view entry = without_port(trimmed(list.substr(from)));
            list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
            const std::optional<Address> address = parse_address(entry);
            if (!address) return nearest;
            nearest = entry;
            if (!contains(*address)) return nearest;
        }
    }
    return nearest;
}

}  // namespace souk::http
