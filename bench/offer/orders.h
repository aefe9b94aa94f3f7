// Builds POST /order requests; each has a key and a user of its own.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace offer {

class Orders {
public:
    Orders(std::string_view product, std::uint64_t seed);

    // Two fresh version 4 UUIDs, valid until the next call.
    std::string_view next();

    // The key of the latest.
    std::string_view key() const { return std::string_view(request_).substr(key_at_, 36); }

private:
    void write_uuid(std::size_t offset);

    std::mt19937_64 random_;
    std::string request_;
    std::size_t key_at_ = 0;
    std::size_t user_at_ = 0;
};

// What one answer to an order says.
enum class Outcome { accepted, ignored, limited, sold_out, unexpected };

Outcome outcome_of(int status, std::string_view body);

}  // namespace offer
