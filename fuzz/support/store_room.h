// The room of store behind the server's own session: routes, tokens, tables and jobs as they are,
// on SQLite in a temporary folder. Every room begins with the same three products and nothing else,
// so that an input does the same every time. Nobody does the jobs.
#pragma once

#include "fuzz/support/markers.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace souk::fuzz {

inline constexpr std::int64_t products_at_first = 3;
inline constexpr std::string_view upload_key = "private_key_of_the_shop";  // a secret

// What lies in the tables.
struct Stored {
    std::int64_t products = 0;
    std::int64_t reviews = 0;
    std::int64_t orders = 0;
    std::int64_t messages = 0;
    std::int64_t broken = 0;  // rows, and sums of rows, that must not be
};

class StoreRoom {
public:
    StoreRoom();
    ~StoreRoom();

    // What a client gets that sends these bytes in pieces of this size, and then nothing more.
    std::string send(std::string_view bytes, std::size_t piece_bytes);

    Stored stored();

    // Tokens: "<ann>", "<bob>", "<nobody>" without an email, "<long>" with too long a one, "<late>"
    // that has expired.
    static std::span<const Marker> markers();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace souk::fuzz
