// What Redis answers (RESP2), read by hiredis out of bytes nobody vouches for.
#pragma once

#include <hiredis/read.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace souk::cache::on_redis {

struct Reply {
    enum class Kind { nil, integer, text, error, list };

    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;  // a simple or a bulk string, or what an error says
    std::vector<Reply> list;
};

// What came is not what Redis says: not RESP, too large, or an answer of the wrong shape.
class Nonsense : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct ReplyBounds {
    std::size_t bytes_max = 8U << 20U;  // as it comes, with all that frames it
    std::size_t elements_max = 65'536;  // of a list, those of lists in it counted in
};

class ReplyReader {
public:
    explicit ReplyReader(ReplyBounds bounds = {});
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    // Both throw Nonsense; nothing can be read afterwards. How the bytes are cut makes no
    // difference, when all that is there is read before more is fed.
    void feed(std::string_view bytes);
    std::optional<Reply> next();  // nullopt: its end has not come yet

private:
    struct Free {
        void operator()(redisReader* reader) const { ::redisReaderFree(reader); }
    };

    const ReplyBounds bounds_;
    std::size_t elements_left_;  // of the reply that is being read
    std::size_t bytes_ = 0;      // of it, and of all that was fed after it
    std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace souk::cache::on_redis
