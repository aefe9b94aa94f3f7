// What a Redis answers, or whoever sits where one should. An input is the bytes of a connection.
#include "fuzz/support/property.h"
#include "platform/cache/redis/command.h"
#include "platform/cache/redis/reply.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace souk::fuzz {
namespace {

using cache::on_redis::Reply;
using cache::on_redis::ReplyBounds;
using cache::on_redis::ReplyReader;
using Kind = Reply::Kind;

// Small enough that inputs reach them.
constexpr ReplyBounds bounds{.bytes_max = 200, .elements_max = 20};

struct Size {
    std::size_t bytes = 0;
    std::size_t elements = 0;
};

Size size_of(const Reply& reply) {
    must(reply.text.empty() || reply.kind == Kind::text || reply.kind == Kind::error,
         "only what is text has text");
    must(reply.list.empty() || reply.kind == Kind::list, "only a list has elements");
    Size size{reply.text.size(), reply.list.size()};
    for (const Reply& element : reply.list) {
        const Size part = size_of(element);
        size.bytes += part.bytes;
        size.elements += part.elements;
    }
    return size;
}

std::string describe(const Reply& reply) {
    std::string text = std::to_string(static_cast<int>(reply.kind)) + " " +
                       std::to_string(reply.integer) + " " + std::to_string(reply.text.size()) +
                       ":" + reply.text;
    for (const Reply& element : reply.list) text += "[" + describe(element) + "]";
    return text;
}

void check(const Reply& reply) {
    const Size size = size_of(reply);
    must(size.bytes <= bounds.bytes_max, "texts keep to the bound", describe(reply));
    must(size.elements <= bounds.elements_max, "lists keep to the bound", describe(reply));
    if (!cache::on_redis::is_scan(reply)) return;
    const bool has_keys = reply.list.size() == 2 && reply.list[1].kind == Kind::list;
    must(has_keys, "a page of keys can be read as one", describe(reply));
}

// All that is accepted, and whether the rest was refused.
std::string read(std::string_view bytes, std::size_t piece) {
    ReplyReader reader(bounds);
    std::string accepted;
    try {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), piece))) {
            reader.feed(bytes.substr(0, piece));
            while (const std::optional<Reply> reply = reader.next()) {
                check(*reply);
                accepted += describe(*reply) + "\n";
            }
        }
    } catch (const cache::on_redis::Nonsense& why) {
        must(!std::string_view(why.what()).empty(), "a refusal says why");
        return accepted + "nonsense";
    }
    return accepted + "more";
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souk::fuzz;
    const std::string_view bytes = text_of(data, size);
    const std::string whole = read(bytes, size + 1);
    for (const std::size_t piece :
         {std::size_t{1}, 1 + std::hash<std::string_view>()(bytes) % (size + 1)}) {
        const std::string in_pieces = read(bytes, piece);
        must(in_pieces == whole, "pieces give what the whole gives", whole + "\nand\n" + in_pieces);
    }
    return 0;
}
