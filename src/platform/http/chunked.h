// Takes the chunked transfer coding (RFC 9112, 7.1) apart as its bytes arrive, strictly: every line
// ends with CR LF, and extensions and trailers, which are ignored, are bounded.
#pragma once

#include "platform/http/buffer.h"

#include <cstddef>
#include <string_view>

namespace souk::http {

class ChunkDecoder {
public:
    enum class Progress { need_more, done, malformed, too_large };

    // Bodies above `body_bytes_max` are too large. With `body` null the bytes are counted and
    // dropped.
    ChunkDecoder(std::size_t body_bytes_max, Buffer* body) : left_(body_bytes_max), body_(body) {}

    // Takes bytes off the front of `input`: all of them, or up to the end of the body.
    Progress feed(std::string_view& input);

private:
    enum class State {
        size_first,
        size,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer,
        trailer_lf,
        end_lf,
        done
    };

    Progress step(char c);
    Progress after_size();
    Progress ignore(char c, State after_cr);

    State state_ = State::size_first;
    std::size_t left_;       // bytes the body may still grow by
    std::size_t chunk_ = 0;  // bytes of this chunk still to come
    std::size_t digits_ = 0;
    std::size_t ignored_ = 0;
    Buffer* body_;
};

}  // namespace souk::http
