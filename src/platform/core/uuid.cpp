#include "platform/core/uuid.h"

namespace souk::core {
namespace {

constexpr bool is_dash_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// Where the two digits of each byte stand.
constexpr std::array<std::uint8_t, 16> place_of_byte = {0,  2,  4,  6,  9,  11, 14, 16,
                                                        19, 21, 24, 26, 28, 30, 32, 34};

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Uuid make_uuid_v7(Time now, Random& random) {
    Uuid uuid;
    random.fill(std::as_writable_bytes(std::span(uuid.bytes)).subspan(6));
    const auto ms = static_cast<std::uint64_t>(to_ms(now));
    for (std::size_t i = 0; i < 6; ++i) {
        uuid.bytes[i] = static_cast<std::uint8_t>(ms >> (40U - 8U * i));
    }
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0FU) | 0x70U);
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3FU) | 0x80U);
    return uuid;
}

Uuid make_uuid_v4(Random& random) {
    Uuid uuid;
    random.fill(std::as_writable_bytes(std::span(uuid.bytes)));
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0FU) | 0x40U);
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3FU) | 0x80U);
    return uuid;
}

std::array<char, 36> to_chars(const Uuid& uuid) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 36> text;
    text.fill('-');
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        text[place_of_byte[i]] = digits[uuid.bytes[i] >> 4U];
        text[place_of_byte[i] + 1] = digits[uuid.bytes[i] & 15U];
    }
    return text;
}

std::string to_string(const Uuid& uuid) {
    const std::array<char, 36> text = to_chars(uuid);
    return {text.data(), text.size()};
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    Uuid uuid;
    std::size_t nibble = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_dash_at(i)) {
            if (text[i] != '-') return std::nullopt;
            continue;
        }
        const int value = hex_value(text[i]);
        if (value < 0) return std::nullopt;
        std::uint8_t& byte = uuid.bytes[nibble / 2];
        byte = static_cast<std::uint8_t>((unsigned{byte} << 4U) | static_cast<unsigned>(value));
        ++nibble;
    }
    return uuid;
}

}  // namespace souk::core
