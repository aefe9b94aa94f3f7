#include "platform/cache/read_through.h"

#include "platform/cache/open.h"
#include "platform/core/event.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::cache {
namespace {

using namespace std::chrono_literals;

core::Task<> nothing_more() { co_return; }

// A database with one value. Reads wait while it is slow, and give what stood there when they
// began.
class Source {
public:
    core::Task<std::string> read() {
        std::string value = value_;
        ++reads_;
        co_await quick_->wait(1min);
        if (fails_) throw std::runtime_error("the source is down");
        co_return value;
    }

    void become_slow() { quick_ = std::make_unique<core::Event>(); }
    void become_quick() { quick_->set(); }
    void set(const std::string& value) { value_ = value; }
    void fail(bool fails) { fails_ = fails; }
    int reads() const { return reads_; }

private:
    std::string value_ = "old";
    std::atomic<int> reads_ = 0;
    std::atomic<bool> fails_ = false;
    std::unique_ptr<core::Event> quick_ = [] {
        auto event = std::make_unique<core::Event>();
        event->set();
        return event;
    }();
};

core::Task<std::string> ask(ReadThrough& pages, Source& source) {
    const Text page = co_await pages.get("products:1", [&source] { return source.read(); });
    co_return *page;
}

core::Task<std::string> read_for_ever(std::promise<void>& begun) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::steady_clock::time_point::max());
    begun.set_value();
    co_await timer.async_wait(boost::asio::use_awaitable_t<core::Executor>());
    co_return "for ever";
}

core::Task<std::string> ask_for_ever(ReadThrough& pages, std::promise<void>& begun) {
    const Text page = co_await pages.get("products:1", [&begun] { return read_for_ever(begun); });
    co_return *page;
}

class ReadThroughTest : public ::testing::Test {
protected:
    std::string get() { return loops_.wait(ask(pages_, source_)); }

    // When it returns, all of them wait for the slow source.
    std::vector<std::future<std::string>> ask_on_two_loops(int count) {
        std::vector<std::future<std::string>> asked;
        for (int i = 0; i < count; ++i)
            asked.push_back(loops_.start(ask(pages_, source_), static_cast<std::size_t>(i)));
        for (std::size_t loop = 0; loop < 2; ++loop) loops_.wait(nothing_more(), loop);
        return asked;
    }

    void put(const std::string& value) {
        const Group group = options().group;
        const std::int64_t now = loops_.wait(cache_->generation(group)).value();
        const Text text = std::make_shared<const std::string>(value);
        loops_.wait(cache_->put(group, {"products:1", text, 60s}, now));
    }

    static ReadThrough::Options options() {
        return {
            .name = "products",
            .group = {"products:", "catalog:gen"},
            .life = 60s,
            .valid = [](std::string_view kept) { return kept != "broken"; }
        };
    }

    testing::FixedClock clock_;
    metrics::Registry metrics_;
    Source source_;
    std::unique_ptr<Cache> cache_ = local(clock_);
    ReadThrough pages_{cache_.get(), options(), metrics_};
    testing::OnLoop loops_{2};
};

}  // namespace

TEST_F(ReadThroughTest, what_is_made_once_is_kept) {
    EXPECT_EQ(get(), "old");
    source_.set("new");
    EXPECT_EQ(get(), "old");
    EXPECT_EQ(source_.reads(), 1);

    clock_.advance(60s);
    EXPECT_EQ(get(), "new");
}

TEST_F(ReadThroughTest, everybody_who_asks_at_once_shares_one_making) {
    source_.become_slow();
    std::vector<std::future<std::string>> asked = ask_on_two_loops(64);
    EXPECT_EQ(source_.reads(), 1);
    source_.become_quick();

    for (std::future<std::string>& one : asked) EXPECT_EQ(one.get(), "old");
    EXPECT_EQ(source_.reads(), 1);
    EXPECT_EQ(pages_.counts().hits, 0U);
    EXPECT_EQ(pages_.counts().misses, 64U);
}

// Another process may have written meanwhile, and nobody would tell.
TEST_F(ReadThroughTest, without_a_cache_nothing_is_kept_or_shared) {
    ReadThrough bare(nullptr, options(), metrics_);
    source_.become_slow();
    std::future<std::string> one = loops_.start(ask(bare, source_), 0);
    loops_.wait(nothing_more(), 0);
    source_.set("new");
    std::future<std::string> other = loops_.start(ask(bare, source_), 1);
    loops_.wait(nothing_more(), 1);
    source_.become_quick();
    EXPECT_EQ(one.get(), "old");
    EXPECT_EQ(other.get(), "new");

    EXPECT_TRUE(loops_.wait(bare.drop()));
    EXPECT_EQ(source_.reads(), 2);
}

TEST_F(ReadThroughTest, a_failure_reaches_everybody_who_waits_and_is_not_kept) {
    source_.become_slow();
    source_.fail(true);
    std::vector<std::future<std::string>> asked = ask_on_two_loops(8);
    source_.become_quick();
    for (std::future<std::string>& one : asked) EXPECT_THROW(one.get(), std::runtime_error);

    source_.fail(false);
    EXPECT_EQ(get(), "old");
    EXPECT_EQ(source_.reads(), 2);
}

TEST_F(ReadThroughTest, a_drop_between_reading_and_keeping_prevents_the_keeping) {
    source_.become_slow();
    std::vector<std::future<std::string>> asked = ask_on_two_loops(1);
    source_.set("new");
    loops_.wait(pages_.drop());
    source_.become_quick();

    EXPECT_EQ(asked[0].get(), "old");
    EXPECT_EQ(get(), "new");
    EXPECT_EQ(get(), "new");
    EXPECT_EQ(source_.reads(), 2);
}

TEST_F(ReadThroughTest, who_asks_after_a_drop_does_not_share_what_was_begun_before_it) {
    source_.become_slow();
    std::vector<std::future<std::string>> before = ask_on_two_loops(2);
    source_.set("new");
    loops_.wait(pages_.drop());
    std::vector<std::future<std::string>> after = ask_on_two_loops(2);
    source_.become_quick();

    for (std::future<std::string>& one : before) EXPECT_EQ(one.get(), "old");
    for (std::future<std::string>& one : after) EXPECT_EQ(one.get(), "new");
    EXPECT_EQ(source_.reads(), 2);
    EXPECT_EQ(get(), "new");
}

TEST_F(ReadThroughTest, what_another_process_dropped_is_not_shared_either) {
    ReadThrough another(cache_.get(), options(), metrics_);
    source_.become_slow();
    std::vector<std::future<std::string>> before = ask_on_two_loops(1);
    source_.set("new");
    loops_.wait(another.drop());
    std::vector<std::future<std::string>> after = ask_on_two_loops(1);
    source_.become_quick();

    EXPECT_EQ(before[0].get(), "old");
    EXPECT_EQ(after[0].get(), "new");
}

TEST_F(ReadThroughTest, a_kept_value_that_is_not_valid_is_made_again_and_replaced) {
    put("broken");
    EXPECT_EQ(get(), "old");
    EXPECT_EQ(get(), "old");
    EXPECT_EQ(source_.reads(), 1);
    EXPECT_EQ(pages_.counts().hits, 1U);
}

TEST_F(ReadThroughTest, when_its_maker_is_broken_off_another_waiter_makes_it) {
    source_.become_slow();
    auto doomed = std::make_optional<core::Loops>(core::make_loops(1));
    std::promise<void> begun;
    const auto ignore = [](const std::exception_ptr&, const std::string&) {};
    boost::asio::co_spawn(doomed->front()->context(), ask_for_ever(pages_, begun), ignore);
    begun.get_future().wait();
    std::vector<std::future<std::string>> asked = ask_on_two_loops(1);
    EXPECT_EQ(source_.reads(), 0);

    doomed->front()->stop();
    doomed->front()->join();
    doomed.reset();

    ASSERT_TRUE(testing::comes_true([this] { return source_.reads() == 1; }));
    source_.become_quick();
    EXPECT_EQ(asked[0].get(), "old");
}

// Makings of many keys, each of which ends when the test says so.
class TurnsOfMakings : public ReadThroughTest {
protected:
    ReadThrough limited(std::size_t makings_max, std::chrono::milliseconds turn_patience) {
        ReadThrough::Options with = options();
        with.makings_max = makings_max;
        with.turn_patience = turn_patience;
        return {cache_.get(), with, metrics_};
    }

    std::future<std::string> ask(ReadThrough& pages, const std::string& key) {
        return loops_.start(ask_for(pages, key));
    }
    void end(const std::string& key) { makings_.at(key).end.set(); }
    void fail(const std::string& key) {
        makings_.at(key).fails = true;
        end(key);
    }
    // Once all that was asked for has come as far as it can.
    std::string begun() {
        loops_.wait(nothing_more());
        return begun_;
    }

private:
    struct Making {
        core::Event end;
        bool fails = false;
    };

    core::Task<std::string> ask_for(ReadThrough& pages, std::string key) {
        const Text page = co_await pages.get("products:" + key, [this, &key] { return make(key); });
        co_return *page;
    }
    core::Task<std::string> make(std::string key) {
        begun_ += key;
        co_await makings_.at(key).end.wait(1min);
        if (makings_.at(key).fails) throw std::runtime_error("meant to fail");
        co_return key;
    }

    std::string begun_;
    std::map<std::string, Making> makings_ = [] {
        std::map<std::string, Making> all;
        for (const char* key : {"a", "b", "c", "d", "e"}) all[key];
        return all;
    }();
};

TEST_F(TurnsOfMakings, so_many_are_made_at_once_and_the_next_in_the_order_of_asking) {
    ReadThrough pages = limited(2, 1min);
    std::vector<std::future<std::string>> asked;
    for (const char* key : {"a", "b", "c", "d", "c"}) asked.push_back(ask(pages, key));
    EXPECT_EQ(begun(), "ab");

    end("b");
    EXPECT_EQ(asked[1].get(), "b");
    EXPECT_TRUE(testing::comes_true([this] { return begun() == "abc"; }));
    for (const char* key : {"a", "c", "d"}) end(key);
    EXPECT_EQ(asked[2].get() + asked[3].get() + asked[4].get(), "cdc");
    EXPECT_EQ(begun(), "abcd");
}

TEST_F(TurnsOfMakings, what_is_kept_needs_no_turn) {
    ReadThrough pages = limited(1, 1min);
    end("a");
    EXPECT_EQ(ask(pages, "a").get(), "a");
    std::future<std::string> slow = ask(pages, "b");

    EXPECT_EQ(ask(pages, "a").get(), "a");
    end("b");
    EXPECT_EQ(slow.get(), "b");
}

TEST_F(TurnsOfMakings, a_making_that_fails_gives_its_turn_to_the_next) {
    ReadThrough pages = limited(1, 1min);
    std::future<std::string> first = ask(pages, "a");
    std::future<std::string> second = ask(pages, "b");
    fail("a");

    EXPECT_THROW(first.get(), std::runtime_error);
    end("b");
    EXPECT_EQ(second.get(), "b");
}

TEST_F(TurnsOfMakings, who_gets_no_turn_in_time_is_told_with_all_who_wait_for_the_same) {
    ReadThrough pages = limited(1, 20ms);
    std::future<std::string> slow = ask(pages, "a");
    std::future<std::string> late = ask(pages, "b");
    std::future<std::string> with_it = ask(pages, "b");

    EXPECT_THROW(late.get(), core::Unavailable);
    EXPECT_THROW(with_it.get(), core::Unavailable);
    end("a");
    EXPECT_EQ(slow.get(), "a");
    end("b");
    EXPECT_EQ(ask(pages, "b").get(), "b");
}

TEST_F(TurnsOfMakings, a_maker_who_is_broken_off_gives_its_turn_or_its_place_back) {
    ReadThrough pages = limited(1, 1min);
    auto doomed = std::make_optional<core::Loops>(core::make_loops(1));
    const auto ignore = [](const std::exception_ptr&, const std::string&) {};
    std::promise<void> begun_for_ever;
    auto& context = doomed->front()->context();
    boost::asio::co_spawn(context, ask_for_ever(pages, begun_for_ever), ignore);
    begun_for_ever.get_future().wait();
    std::future<std::string> next = ask(pages, "a");
    EXPECT_EQ(begun(), "");

    doomed->front()->stop();
    doomed->front()->join();
    doomed.reset();

    end("a");
    EXPECT_EQ(next.get(), "a");
}

TEST_F(ReadThroughTest, what_was_asked_is_counted_by_outcome) {
    get();
    get();
    get();

    EXPECT_EQ(pages_.counts().hits, 2U);
    EXPECT_EQ(pages_.counts().misses, 1U);
    const std::string text = metrics_.text();
    EXPECT_NE(text.find(R"(souk_cache_requests_total{cache="products",outcome="hit"} 2)"),
              std::string::npos)
        << text;
}

}  // namespace souk::cache
