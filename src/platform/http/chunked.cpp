#include "platform/http/chunked.h"

#include "platform/http/ascii.h"

#include <algorithm>

namespace souk::http {
namespace {

constexpr std::size_t size_digits_max = 15;
constexpr std::size_t ignored_bytes_max = 8'192;

}  // namespace

ChunkDecoder::Progress ChunkDecoder::feed(std::string_view& input) {
    while (!input.empty()) {
        if (state_ == State::data) {
            const std::string_view piece = input.substr(0, std::min(chunk_, input.size()));
            if (body_ != nullptr) body_->append(piece);
            chunk_ -= piece.size();
            input.remove_prefix(piece.size());
            if (chunk_ == 0) state_ = State::data_cr;
            continue;
        }
        const char c = input.front();
        input.remove_prefix(1);
        const Progress progress = step(c);
        if (progress != Progress::need_more) return progress;
    }
    return state_ == State::done ? Progress::done : Progress::need_more;
}

ChunkDecoder::Progress ChunkDecoder::step(char c) {
    const auto expect = [&](char wanted, State next) {
        if (c != wanted) return Progress::malformed;
        state_ = next;
        return next == State::done ? Progress::done : Progress::need_more;
    };
    switch (state_) {
        case State::size_first:
        case State::size: {
            const int digit = hex_digit(c);
            if (digit < 0) {
                if (state_ == State::size_first) return Progress::malformed;
                if (c == '\r') return expect('\r', State::size_lf);
                if (c != ';' && c != ' ' && c != '\t') return Progress::malformed;
                state_ = State::extension;
                return Progress::need_more;
            }
            if (++digits_ > size_digits_max) return Progress::too_large;
            chunk_ = chunk_ * 16 + static_cast<std::size_t>(digit);
            state_ = State::size;
            return Progress::need_more;
        }
        case State::extension:
            return ignore(c, State::size_lf);
        case State::size_lf:
            return c == '\n' ? after_size() : Progress::malformed;
        case State::data_cr:
            return expect('\r', State::data_lf);
        case State::data_lf:
            digits_ = 0;
            return expect('\n', State::size_first);
        case State::trailer_start:
            if (c == '\r') return expect('\r', State::end_lf);
            state_ = State::trailer;
            return ignore(c, State::trailer_lf);
        case State::trailer:
            return ignore(c, State::trailer_lf);
        case State::trailer_lf:
            return expect('\n', State::trailer_start);
        case State::end_lf:
            return expect('\n', State::done);
        case State::data:
        case State::done:
            break;
    }
    return Progress::malformed;
}

ChunkDecoder::Progress ChunkDecoder::after_size() {
    if (chunk_ > left_) return Progress::too_large;
    left_ -= chunk_;
    state_ = chunk_ == 0 ? State::trailer_start : State::data;
    return Progress::need_more;
}

ChunkDecoder::Progress ChunkDecoder::ignore(char c, State after_cr) {
    if (c == '\r') {
        state_ = after_cr;
        return Progress::need_more;
    }
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\t';
    if (control || c == 0x7f || ++ignored_ > ignored_bytes_max) return Progress::malformed;
    return Progress::need_more;
}

}  // namespace souk::http
