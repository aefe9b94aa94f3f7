// A command as it is sent, with the shape its answer must have.
#pragma once

#include "platform/cache/redis/reply.h"

#include <string>
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

    std::string_view bytes() const { return bytes_; }
    Fits shape() const { return fits_; }

private:
    std::string bytes_;
    Fits fits_;
};

}  // namespace souk::cache::on_redis
