#include "platform/cache/read_through.h"

#include "platform/cache/open.h"
#include "platform/cache/tests/loop_room.h"
#include "platform/core/event.h"
#include "platform/testing/fixed_clock.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
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
    LoopRoom loops_;
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

TEST_F(ReadThroughTest, without_a_cache_a_making_is_shared_and_nothing_is_kept) {
    ReadThrough bare(nullptr, options(), metrics_);
    source_.become_slow();
    std::future<std::string> one = loops_.start(ask(bare, source_), 0);
    std::future<std::string> other = loops_.start(ask(bare, source_), 1);
    for (std::size_t loop = 0; loop < 2; ++loop) loops_.wait(nothing_more(), loop);
    source_.become_quick();
    EXPECT_EQ(one.get() + other.get(), "oldold");
    EXPECT_EQ(source_.reads(), 1);

    loops_.wait(ask(bare, source_));
    loops_.wait(bare.drop());
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

    ASSERT_TRUE(comes_true([this] { return source_.reads() == 1; }));
    source_.become_quick();
    EXPECT_EQ(asked[0].get(), "old");
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
