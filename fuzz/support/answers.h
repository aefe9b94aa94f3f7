// Takes apart what a connection sent, and holds each answer against what every answer must be.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::fuzz {

struct Answer {
    int status = 0;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view body;
    std::size_t begins_at = 0;  // in what was sent

    std::string_view header(std::string_view name) const;  // empty when absent
};

// What a room promises of its answers while nothing is broken.
struct Contract {
    std::span<const int> statuses;  // beside those of the server itself
    std::string_view json_type;     // as it is written
};

// The answers in `sent`, interim ones left out, up to an upgrade; ends the program when one is not
// as it must be.
std::vector<Answer> checked_answers(std::string_view sent, const Contract& contract);

}  // namespace souk::fuzz
