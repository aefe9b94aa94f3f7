// Bytes that arrive from a connection. Reading appends, handling consumes from the front; memory
// grows only as bytes come in. Behind the last byte some slack may always be read, as simdjson
// wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace souk::http {

class Buffer {
public:
    static constexpr std::size_t slack = 64;

    // What a move did: texts that lay at `from` now lie at `to`. `old` keeps `from` alive
    // meanwhile.
    struct Moved {
        const char* from = nullptr;
        const char* to = nullptr;
        std::unique_ptr<char[]> old;
    };

    std::string_view view() const { return {storage_.get() + begin_, end_ - begin_}; }
    std::size_t size() const { return end_ - begin_; }
    bool empty() const { return begin_ == end_; }
    std::size_t capacity() const { return capacity_; }

    std::span<char> room() { return {storage_.get() + end_, capacity_ - end_}; }
    void commit(std::size_t count) { end_ += count; }
    void append(std::string_view bytes);

    // Forgets `count` bytes at the front.
    void consume(std::size_t count);

    // Forgets the bytes behind the first `count`.
    void truncate(std::size_t count) { end_ = begin_ + count; }

    // Sees to it that at least `count` bytes can be read in, moving or growing as needed: to twice
    // its capacity, but for the sake of that not above `capacity_wanted`.
    Moved make_room(std::size_t count, std::size_t capacity_wanted = SIZE_MAX);

    // An empty buffer gives memory above `capacity` back.
    void shrink(std::size_t capacity);

private:
    std::unique_ptr<char[]> storage_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace souk::http
