#include "platform/cache/redis/sweeper.h"

#include "platform/cache/redis/names.h"
#include "platform/cache/redis/scripts.h"
#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace souk::cache::on_redis {
namespace {

constexpr std::chrono::seconds again_after{1};
// Of one scan; with 500 keys in each that is more than any Redis holds.
constexpr int rounds_max = 10'000'000;

}  // namespace

Sweeper::Sweeper(boost::asio::io_context& context, std::shared_ptr<Clients> clients,
                 std::shared_ptr<Debts> debts)
    : context_(context), clients_(std::move(clients)), debts_(std::move(debts)), timer_(context) {}

void Sweeper::start() {
    boost::asio::co_spawn(context_, run(), [](const std::exception_ptr& bug) {
        if (bug) std::rethrow_exception(bug);
    });
}

void Sweeper::poke() {
    is_poked_ = true;
    timer_.cancel();
}

core::Task<> Sweeper::run() {
    for (;;) {
        const bool all_done = co_await pay_all();
        if (!all_done) {
            co_await rest(again_after);
        } else if (debts_->is_empty()) {
            co_await rest(std::chrono::hours(24));
        }
    }
}

core::Task<bool> Sweeper::pay_all() {
    is_poked_ = false;
    bool all_done = true;
    for (const Debts::Debt& debt : debts_->take()) {
        const bool is_done = co_await sweep(debt.group);
        debts_->settle(debt, is_done);
        note(is_done);
        all_done = all_done && is_done;
    }
    co_return all_done;
}

core::Task<bool> Sweeper::sweep(Group group) {
    const std::optional<Reply> begun = co_await Clients::ask(
        clients_, {
                      {"EVAL", next_generation_script, "1", group.generation_key, fresh_number()},
                      is_integer
    });
    if (!begun) co_return false;
    if (!co_await remove_keys(group.prefix)) co_return false;
    co_return co_await unlink({list_of_keys(group)});
}

core::Task<bool> Sweeper::remove_keys(std::string prefix) {
    const std::string pattern = matching(prefix);
    std::string cursor = "0";
    for (int round = 0; round < rounds_max; ++round) {
        std::optional<Reply> page = co_await Clients::ask(
            clients_, {
                          {"SCAN", cursor, "MATCH", pattern, "COUNT", "500"},
                          is_scan
        });
        if (!page) co_return false;
        cursor = std::move(page->list[0].text);
        std::vector<std::string> keys;
        for (Reply& key : page->list[1].list) {
            if (key.text.starts_with(prefix)) keys.push_back(std::move(key.text));
        }
        if (!keys.empty() && !co_await unlink(std::move(keys))) co_return false;
        if (cursor == "0") co_return true;
    }
    co_return false;
}

core::Task<bool> Sweeper::unlink(std::vector<std::string> keys) {
    Words words{"UNLINK"};
    words.insert(words.end(), keys.begin(), keys.end());
    const std::optional<Reply> count = co_await Clients::ask(clients_, {words, is_integer});
    co_return count.has_value();
}

core::Task<> Sweeper::rest(std::chrono::steady_clock::duration longest) {
    if (is_poked_) co_return;
    timer_.expires_after(longest);
    boost::system::error_code ignored;  // poked or not, it goes on
    co_await timer_.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable_t<core::Executor>(), ignored));
}

void Sweeper::note(bool is_done) {
    if (is_done == !is_failing_) return;
    is_failing_ = !is_done;
    if (is_failing_) {
        log::warn("cache",
                  "what changed could not be dropped from the cache; nothing is read from it "
                  "until that is made up for",
                  {
                      {"cache", clients_->description()}
        });
    } else {
        log::info("cache", "made up for what was not dropped",
                  {
                      {"cache", clients_->description()}
        });
    }
}

}  // namespace souk::cache::on_redis
