// A command as it is sent, with the shape its answer must have.
#pragma once

#include "platform/cache/redis/reply.h"

#include <hiredis/hiredis.h>

#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

namespace souk::cache::on_redis {

using Words = std::vector<std::string_view>;

// Whether an answer that is no error has the shape the command calls for.
using Fits = bool (*)(const Reply&);

bool is_text(const Reply& reply);
bool is_text_or_nil(const Reply& reply);
bool is_integer(const Reply& reply);
bool is_scan(const Reply& reply);  // a cursor, and a list of keys

class Command {
public:
    Command(const Words& words, Fits fits);

    std::string_view bytes() const { return {bytes_.get(), length_}; }
    bool fits(const Reply& reply) const { return fits_(reply); }

private:
    struct Free {
        void operator()(char* bytes) const { ::redisFreeCommand(bytes); }
    };

    std::unique_ptr<char, Free> bytes_;
    std::size_t length_ = 0;
    Fits fits_;
};

}  // namespace souk::cache::on_redis
