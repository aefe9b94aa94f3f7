#include "platform/cache/redis/cache.h"

#include "platform/cache/open.h"
#include "platform/cache/redis/clients.h"
#include "platform/cache/redis/names.h"
#include "platform/cache/redis/scripts.h"
#include "platform/cache/redis/sweeper.h"
#include "platform/cache/windows.h"
#include "platform/core/loop.h"

#include <boost/asio/post.hpp>

#include <charconv>
#include <utility>

namespace souk::cache::on_redis {
namespace {

using Answer = std::optional<Reply>;

// A value that cannot be read back within the bounds of an answer is not worth sending.
constexpr std::size_t value_bytes_max = ReplyBounds{}.bytes_max / 2;

// The longest a caller waits for its drop; then it goes on in the background, and is owed until
// done.
constexpr std::chrono::seconds drop_patience{1};

core::Task<Text> nothing() { co_return nullptr; }

core::Task<Text> text_of(core::Task<Answer> asked) {
    Answer answer = co_await std::move(asked);
    if (!answer || answer->kind == Reply::Kind::nil) co_return nullptr;
    co_return std::make_shared<const std::string>(std::move(answer->text));
}

core::Task<std::optional<std::int64_t>> no_generation() { co_return std::nullopt; }

// Redis answers with the generation there was; with none there was, ours is the one now.
core::Task<std::optional<std::int64_t>> number_of(core::Task<Answer> asked, std::string ours) {
    const Answer answer = co_await std::move(asked);
    if (!answer) co_return std::nullopt;
    const std::string& text = answer->kind == Reply::Kind::nil ? ours : answer->text;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) co_return std::nullopt;
    co_return number;
}

core::Task<> done() { co_return; }

core::Task<> until_answered(core::Task<Answer> asked) {
    co_await std::move(asked);  // not put is as good
}

core::Task<> until_tried(Debts::Tried tried) {
    co_await tried->wait(drop_patience);  // not in time: it is owed
}

// Each loop that asks has its connection; that of the loop here is for the sweeper.
class Redis final : public Cache {
public:
    Redis(RedisAddress address, const core::Clock& clock, Patience patience)
        : clients_(std::make_shared<Clients>(
              std::make_shared<Server>(std::move(address), clock, patience))),
          sweeper_(loop_.context(), clients_, debts_),
          windows_(std::make_shared<Windows>(clock)) {
        boost::asio::post(loop_.context(),
                          [this] { clients_->open(loop_.context(), [this] { sweeper_.poke(); }); });
        sweeper_.start();
    }
    ~Redis() override {
        clients_->close();
        loop_.stop();
        loop_.join();
    }
    Redis(const Redis&) = delete;
    Redis& operator=(const Redis&) = delete;

    core::Task<Text> get(std::string key) override {
        if (debts_->cover(key)) return nothing();
        return text_of(ask({
            {"GET", key},
            is_text_or_nil
        }));
    }

    core::Task<std::optional<std::int64_t>> generation(Group group) override {
        if (debts_->cover(group.prefix)) return no_generation();
        std::string ours = fresh_number();
        const Words words{"SET", group.generation_key, ours, "NX", "GET"};
        return number_of(ask({words, is_text_or_nil}), std::move(ours));
    }

    core::Task<> put(Group group, Entry entry, std::int64_t generation) override {
        const bool is_fit = entry.value && entry.value->size() <= value_bytes_max;
        if (!is_fit || entry.life.count() <= 0 || debts_->cover(entry.key)) return done();
        const std::string keys = list_of_keys(group);
        const std::string expected = std::to_string(generation);
        const std::string life = std::to_string(entry.life.count());
        const std::string most = std::to_string(group.keys_max);
        return until_answered(ask({
            {"EVAL", put_script, "3", group.generation_key, entry.key, keys, expected, *entry.value,
             life, most},
            is_integer
        }));
    }

    core::Task<> drop(Group group) override {
        Debts::Tried tried = debts_->add(group);
        boost::asio::post(loop_.context(), [this] { sweeper_.poke(); });
        return until_tried(std::move(tried));
    }

    core::Task<std::chrono::seconds> admit(std::vector<Limit> limits) override {
        const std::string count = std::to_string(limits.size());
        const std::string name = fresh_number();
        std::vector<std::string> bounds;
        for (const Limit& limit : limits) {
            bounds.push_back(std::to_string(limit.most));
            bounds.push_back(std::to_string(std::chrono::microseconds(limit.window).count()));
        }
        Words words{"EVAL", admit_script, count};
        for (const Limit& limit : limits) words.push_back(limit.key);
        words.push_back(name);
        words.insert(words.end(), bounds.begin(), bounds.end());
        return wait_of(ask({words, is_integer}), windows_, std::move(limits));
    }

    bool is_up() const override { return clients_->is_up(); }
    std::string describe() const override { return clients_->description(); }

private:
    core::Task<Answer> ask(Command command) const {
        return Clients::ask(clients_, std::move(command));
    }

    static core::Task<std::chrono::seconds> wait_of(core::Task<Answer> asked,
                                                    std::shared_ptr<Windows> windows,
                                                    std::vector<Limit> limits) {
        const Answer answer = co_await std::move(asked);
        if (!answer) co_return windows->admit(limits);
        co_return std::chrono::ceil<std::chrono::seconds>(
            std::chrono::microseconds(answer->integer));
    }

    core::Loop loop_{"redis"};
    const std::shared_ptr<Debts> debts_ = std::make_shared<Debts>();
    const std::shared_ptr<Clients> clients_;
    Sweeper sweeper_;
    const std::shared_ptr<Windows> windows_;  // counts while Redis cannot
};

}  // namespace

std::unique_ptr<Cache> open(RedisAddress address, const core::Clock& clock, Patience patience) {
    return std::make_unique<Redis>(std::move(address), clock, patience);
}

}  // namespace souk::cache::on_redis

namespace souk::cache {

std::unique_ptr<Cache> redis(RedisAddress address, const core::Clock& clock) {
    return on_redis::open(std::move(address), clock, {});
}

}  // namespace souk::cache
