#include "fuzz/support/frames.h"

#include "fuzz/support/property.h"
#include "platform/core/escape.h"

#include <cstddef>
#include <string>

namespace souk::fuzz {
namespace {

enum Opcode : unsigned { text = 1, close = 8, ping = 9, pong = 10 };

// The length of a server's frame is in its second byte, or in the two behind it.
std::string_view take_frame(std::string_view& sent, unsigned& opcode) {
    const auto byte = [&sent](std::size_t at) { return static_cast<unsigned char>(sent[at]); };
    must(sent.size() >= 2, "a frame has a head", sent);
    must((byte(0) & 0x70U) == 0, "no extension was agreed on");
    opcode = byte(0) & 0x0FU;
    must((byte(1) & 0x80U) == 0, "a server does not mask");
    std::size_t length = byte(1) & 0x7FU;
    std::size_t head = 2;
    must(length < 127, "no frame is that long");
    if (length == 126) {
        must(sent.size() >= 4, "a frame's head is whole");
        length = byte(2) * 256U + byte(3);
        head = 4;
    }
    must(sent.size() >= head + length, "a frame is whole", sent);
    const std::string_view payload = sent.substr(head, length);
    sent.remove_prefix(head + length);
    return payload;
}

void check_close(std::string_view payload) {
    if (payload.empty()) return;
    must(payload.size() >= 2 && payload.size() <= 125, "a close has a code and few words");
    const int code =
        static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
    // A client's code is sent back to it; Beast takes those above 4999 as well.
    must(code >= 1'000 && code != 1'005 && code != 1'006, "a code is one", std::to_string(code));
    must(core::is_utf8(payload.substr(2)), "a reason is text", payload);
}

}  // namespace

std::vector<std::string_view> check_frames(std::string_view sent) {
    std::vector<std::string_view> texts;
    while (!sent.empty()) {
        unsigned opcode = 0;
        const std::string_view payload = take_frame(sent, opcode);
        must(opcode == text || opcode == close || opcode == ping || opcode == pong,
             "a frame is of a known kind", std::to_string(opcode));
        must(opcode == text || payload.size() <= 125, "control frames are short");
        must(opcode != text || core::is_utf8(payload), "text is text", payload);
        if (opcode == text) texts.push_back(payload);
        if (opcode != close) continue;
        check_close(payload);
        must(sent.empty(), "nothing follows a close", sent);
    }
    return texts;
}

}  // namespace souk::fuzz
