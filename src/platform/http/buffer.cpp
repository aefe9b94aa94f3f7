#include "platform/http/buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace souk::http {

void Buffer::append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (room().size() < bytes.size()) make_room(bytes.size());
    std::memcpy(storage_.get() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
}

void Buffer::consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
}

Buffer::Moved Buffer::make_room(std::size_t count, std::size_t capacity_wanted) {
    if (capacity_ - end_ >= count) return {};
    Moved moved{storage_.get() + begin_, storage_.get(), nullptr};
    if (begin_ > 0 && capacity_ - size() >= count) {
        std::memmove(storage_.get(), storage_.get() + begin_, size());
    } else {
        const std::size_t capacity =
            std::max(std::min(capacity_ * 2, capacity_wanted), size() + count);
        std::unique_ptr<char[]> larger = std::make_unique_for_overwrite<char[]>(capacity + slack);
        std::memset(larger.get() + capacity, 0, slack);
        if (!empty()) std::memcpy(larger.get(), storage_.get() + begin_, size());
        capacity_ = capacity;
        moved.old = std::exchange(storage_, std::move(larger));
        moved.to = storage_.get();
    }
    end_ -= begin_;
    begin_ = 0;
    return moved;
}

void Buffer::shrink(std::size_t capacity) {
    if (!empty() || capacity_ <= capacity) return;
    storage_.reset();
    capacity_ = begin_ = end_ = 0;
}

}  // namespace souk::http
