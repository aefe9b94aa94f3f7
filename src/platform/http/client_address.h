// Who a request comes from: the TCP peer, or, when that is a trusted proxy, whom it speaks for.
#pragma once

#include "platform/http/request.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souk::http {

// IPv4 is held as an IPv6 address that maps it, so that one comparison serves both.
struct Address {
    std::array<std::uint8_t, 16> bytes{};
    bool operator==(const Address&) const = default;
};

std::optional<Address> parse_address(std::string_view text);

// IPv4 (also mapped) in dotted form, IPv6 as RFC 5952 writes it.
std::string to_string(const Address& address);

class TrustedProxies {
public:
    // Addresses or CIDR blocks. Throws std::runtime_error naming one that is neither.
    // Empty means loopback, as does "loopback".
    explicit TrustedProxies(const std::vector<std::string>& list);

    bool contains(const Address& address) const;

    // The right-most address of X-Forwarded-For that is not itself trusted; the peer when it is not
    // trusted, or when an entry cannot be read. Points into `peer_text` or the headers.
    std::string_view client(std::string_view peer_text, bool peer_trusted,
                            std::span<const Header> headers) const;

private:
    struct Block {
        Address address;
        int bits = 0;
    };
    static Block parse_block(const std::string& text);

    std::vector<Block> blocks_;
};

}  // namespace souk::http
