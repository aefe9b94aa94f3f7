// Both rooms of flash behind the server's own session, on one end of a socket pair: what goes in at
// the other end takes every step a request takes, without a port and without a server's threads.
// Each shop is new (limiter off, five units of "phone"), so that an input does the same every time;
// only the database, which no input can see into, is shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace souk::fuzz {

inline constexpr std::int64_t units_for_sale = 5;  // of "phone"

class Shop {
public:
    Shop();
    ~Shop();

    // What a client gets that sends these bytes in pieces of this size, and then nothing more.
    std::string send(std::string_view bytes, std::size_t piece_bytes);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace souk::fuzz
