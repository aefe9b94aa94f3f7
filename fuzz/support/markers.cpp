#include "fuzz/support/markers.h"

#include "fuzz/support/property.h"

#include <cstddef>

namespace souk::fuzz {
namespace {

constexpr std::string_view length = "<length>";
constexpr std::string_view end_of_head = "\r\n\r\n";

void replace_all(std::string& text, const Marker& marker) {
    for (std::size_t at = text.find(marker.word); at != std::string::npos;
         at = text.find(marker.word, at + marker.text.size()))
        text.replace(at, marker.word.size(), marker.text);
}

void fill_length(std::string& request) {
    const std::size_t end = request.find(end_of_head);
    const std::size_t at = request.find(length);
    if (end == std::string::npos || at >= end) return;
    const std::size_t body_bytes = request.size() - end - end_of_head.size();
    request.replace(at, length.size(), std::to_string(body_bytes));
}

}  // namespace

std::string filled(std::string_view input, std::span<const Marker> markers) {
    std::string all;
    while (!input.empty()) {
        std::string request(take_until(input, "<end>"));
        for (const Marker& marker : markers) replace_all(request, marker);
        fill_length(request);
        all += request;
    }
    return all;
}

}  // namespace souk::fuzz
