#include "fuzz/support/pieces.h"

#include "fuzz/support/property.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <string>
#include <vector>

namespace souk::fuzz {
namespace {

// Whether "100 Continue" is sent depends on how much of the body has come already.
bool asks_for_leave(std::string_view bytes) {
    std::string lower(bytes);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower.find("expect") != std::string::npos;
}

// How, and whether, a head is refused may depend on the pieces it comes in: the parser looks at the
// first bytes of a head with care, after that only for its end, and may meet its limit before that.
std::string_view without_last_refusal(std::string_view sent, const Contract& contract) {
    const std::vector<Answer> answers = checked_answers(sent, contract);
    if (answers.empty()) return sent;
    const Answer& last = answers.back();
    const bool is_refusal = last.status >= 400 && last.header("connection") == "close";
    return is_refusal ? sent.substr(0, last.begins_at) : sent;
}

}  // namespace

std::size_t piece_bytes(std::string_view bytes) {
    return 1 + std::hash<std::string_view>()(bytes) % 97;
}

void check_alike(std::string_view bytes, std::string_view whole, std::string_view in_pieces,
                 const Contract& contract) {
    if (asks_for_leave(bytes) || whole == in_pieces) return;
    must(without_last_refusal(whole, contract) == without_last_refusal(in_pieces, contract),
         "pieces get the same answers as the whole",
         "whole:\n" + std::string(whole) + "\npieces of " + std::to_string(piece_bytes(bytes)) +
             ":\n" + std::string(in_pieces));
}

}  // namespace souk::fuzz
