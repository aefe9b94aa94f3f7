#include "platform/cache/redis/command.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace souk::cache::on_redis {
namespace {

// hiredis could write commands too, but does so with a printf for each word, which every read of
// the cache would pay for.
constexpr std::size_t digits_max = 20;
constexpr std::size_t framing_bytes_max = 1 + digits_max + 2 + 2;

void append_line(std::string& bytes, char type, std::size_t number) {
    std::array<char, digits_max> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    bytes.append(1, type).append(digits.data(), end).append("\r\n");
}

}  // namespace

using Kind = Reply::Kind;

bool is_text(const Reply& reply) { return reply.kind == Kind::text; }

bool is_text_or_nil(const Reply& reply) { return is_text(reply) || reply.kind == Kind::nil; }

bool is_integer(const Reply& reply) { return reply.kind == Kind::integer; }

bool is_scan(const Reply& reply) {
    return reply.kind == Kind::list && reply.list.size() == 2 && is_text(reply.list[0]) &&
           reply.list[1].kind == Kind::list && std::ranges::all_of(reply.list[1].list, is_text);
}

Command::Command(const Words& words, Fits fits) : fits_(fits) {
    std::size_t length = 0;
    for (const std::string_view word : words) length += framing_bytes_max + word.size();
    bytes_.reserve(framing_bytes_max + length);
    append_line(bytes_, '*', words.size());
    for (const std::string_view word : words) {
        append_line(bytes_, '$', word.size());
        bytes_.append(word).append("\r\n");
    }
}

}  // namespace souk::cache::on_redis
