#include "platform/cache/redis/command.h"

#include <algorithm>
#include <new>

namespace souk::cache::on_redis {

using Kind = Reply::Kind;

bool is_text(const Reply& reply) { return reply.kind == Kind::text; }

bool is_text_or_nil(const Reply& reply) { return is_text(reply) || reply.kind == Kind::nil; }

bool is_integer(const Reply& reply) { return reply.kind == Kind::integer; }

bool is_scan(const Reply& reply) {
    return reply.kind == Kind::list && reply.list.size() == 2 && is_text(reply.list[0]) &&
           reply.list[1].kind == Kind::list && std::ranges::all_of(reply.list[1].list, is_text);
}

Command::Command(const Words& words, Fits fits) : fits_(fits) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const std::string_view word : words) {
        texts.push_back(word.data() == nullptr ? "" : word.data());
        lengths.push_back(word.size());
    }
    char* bytes = nullptr;
    const auto length = ::redisFormatCommandArgv(&bytes, static_cast<int>(words.size()),
                                                 texts.data(), lengths.data());
    if (length < 0) throw std::bad_alloc();
    bytes_.reset(bytes);
    length_ = static_cast<std::size_t>(length);
}

}  // namespace souk::cache::on_redis
