// Takes apart the frames a server sent, and holds each against RFC 6455.
#pragma once

#include <string_view>
#include <vector>

namespace souk::fuzz {

// The texts among them; ends the program when a frame is not as it must be.
std::vector<std::string_view> check_frames(std::string_view sent);

}  // namespace souk::fuzz
