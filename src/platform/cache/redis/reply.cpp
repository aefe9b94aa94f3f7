#include "platform/cache/redis/reply.h"

#include <new>
#include <utility>

namespace souk::cache::on_redis {
namespace {

constexpr const char* too_large = "an answer that is too large";

// hiredis builds a reply with these functions. An element lies in its parent's list, which has its
// full length by then; only the outermost is allocated. nullptr makes the reader fail.
Reply* place_for(const redisReadTask* task) noexcept {
    if (task->parent == nullptr) return new (std::nothrow) Reply;
    auto* const parent = static_cast<Reply*>(task->parent->obj);
    return &parent->list[static_cast<std::size_t>(task->idx)];
}

void* make_string(const redisReadTask* task, char* text, std::size_t length) {
    Reply* const reply = place_for(task);
    if (reply == nullptr) return nullptr;
    reply->kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
    reply->text.assign(text, length);
    return reply;
}

// The type of the number of elements differs between versions of hiredis.
template <typename Count>
void* make_list(const redisReadTask* task, Count elements) {
    const auto count = static_cast<std::size_t>(elements);
    auto& left = *static_cast<std::size_t*>(task->privdata);
    if (count > left) return nullptr;
    left -= count;
    Reply* const reply = place_for(task);
    if (reply == nullptr) return nullptr;
    reply->kind = Reply::Kind::list;
    reply->list.resize(count);
    return reply;
}

void* make_integer(const redisReadTask* task, long long number) {
    Reply* const reply = place_for(task);
    if (reply == nullptr) return nullptr;
    reply->kind = Reply::Kind::integer;
    reply->integer = number;
    return reply;
}

void* make_nil(const redisReadTask* task) { return place_for(task); }

void free_reply(void* reply) { delete static_cast<Reply*>(reply); }

redisReplyObjectFunctions* functions() {
    static redisReplyObjectFunctions all = [] {
        redisReplyObjectFunctions some{};
        some.createString = make_string;
        some.createArray = make_list;
        some.createInteger = make_integer;
        some.createNil = make_nil;
        some.freeObject = free_reply;
        return some;
    }();
    return &all;
}

}  // namespace

ReplyReader::ReplyReader(ReplyBounds bounds)
    : bounds_(bounds),
      elements_left_(bounds.elements_max),
      reader_(::redisReaderCreateWithFunctions(functions())) {
    if (!reader_) throw std::bad_alloc();
    reader_->privdata = &elements_left_;
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
    bytes_ += bytes.size();
    if (::redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK)
        throw Nonsense(reader_->errstr);
}

std::optional<Reply> ReplyReader::next() {
    void* found = nullptr;
    if (::redisReaderGetReply(reader_.get(), &found) != REDIS_OK) {
        const bool was_refused = reader_->err == REDIS_ERR_OOM;  // by our functions above
        throw Nonsense(was_refused ? too_large : reader_->errstr);
    }
    const std::unique_ptr<Reply> reply(static_cast<Reply*>(found));
    const std::size_t unread = reply ? reader_->len - reader_->pos : 0;
    if (bytes_ - unread > bounds_.bytes_max) throw Nonsense(too_large);
    if (!reply) return std::nullopt;
    bytes_ = unread;
    elements_left_ = bounds_.elements_max;
    return std::move(*reply);
}

}  // namespace souk::cache::on_redis
