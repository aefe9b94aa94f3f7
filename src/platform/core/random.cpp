#include "platform/core/random.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/random.h>
#include <system_error>

namespace souk::core {
namespace {

struct Page {
    std::array<std::byte, 4096> bytes;
    std::size_t used = sizeof(bytes);
};

void from_kernel(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
        bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

}  // namespace

void SystemRandom::fill(std::span<std::byte> bytes) {
    thread_local Page page;
    if (bytes.size() > page.bytes.size()) return from_kernel(bytes);
    if (page.used + bytes.size() > page.bytes.size()) {
        from_kernel(page.bytes);
        page.used = 0;
    }
    std::memcpy(bytes.data(), page.bytes.data() + page.used, bytes.size());
    std::memset(page.bytes.data() + page.used, 0, bytes.size());  // nothing handed out stays behind
    page.used += bytes.size();
}

std::string random_hex(Random& random, std::size_t bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string raw(bytes, '\0');
    random.fill(std::as_writable_bytes(std::span(raw)));
    std::string text;
    text.reserve(bytes * 2);
    for (const char c : raw) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

}  // namespace souk::core
