#include "platform/cache/open.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk::cache {
namespace {

using namespace std::chrono_literals;

const Group products{"products:", "catalog:gen"};

Text text(std::string value) { return std::make_shared<const std::string>(std::move(value)); }

class Local : public ::testing::Test {
protected:
    void put(const std::string& key, const std::string& value, std::chrono::seconds life = 60s) {
        const std::optional<std::int64_t> now = loops_.wait(cache_->generation(products));
        loops_.wait(cache_->put(products, {key, text(value), life}, now.value()));
    }

    std::string get(const std::string& key, std::size_t loop = 0) {
        const Text kept = loops_.wait(cache_->get(key), loop);
        return kept ? *kept : "(none)";
    }

    void become(LocalOptions options) { cache_ = local(clock_, options); }

    testing::FixedClock clock_;
    testing::OnLoop loops_{2};
    std::unique_ptr<Cache> cache_ = local(clock_);
};

}  // namespace

TEST_F(Local, what_was_put_is_there_for_every_loop_without_being_copied) {
    put("products:1", "one");

    EXPECT_EQ(get("products:1", 0), "one");
    EXPECT_EQ(get("products:1", 1), "one");
    EXPECT_EQ(loops_.wait(cache_->get("products:1")), loops_.wait(cache_->get("products:1")));
    EXPECT_EQ(get("products:2"), "(none)");
}

TEST_F(Local, an_entry_is_gone_when_its_life_is_over) {
    put("products:1", "one", 60s);

    clock_.advance(59s);
    EXPECT_EQ(get("products:1"), "one");
    clock_.advance(1s);
    EXPECT_EQ(get("products:1"), "(none)");
}

TEST_F(Local, putting_again_replaces_the_value_and_begins_a_new_life) {
    put("products:1", "one", 60s);
    clock_.advance(30s);
    put("products:1", "two", 60s);

    clock_.advance(45s);
    EXPECT_EQ(get("products:1"), "two");
}

TEST_F(Local, a_wall_clock_that_is_set_changes_no_life) {
    put("products:1", "one", 60s);
    clock_.set(core::from_ms(0));
    EXPECT_EQ(get("products:1"), "one");
}

TEST_F(Local, of_too_many_entries_the_longest_unused_goes) {
    become({.entries_max = 3});
    put("products:1", "one");
    put("products:2", "two");
    put("products:3", "three");
    get("products:1");

    put("products:4", "four");

    EXPECT_EQ(get("products:1"), "one");
    EXPECT_EQ(get("products:2"), "(none)");
    EXPECT_EQ(get("products:4"), "four");
}

TEST_F(Local, of_too_many_bytes_the_longest_unused_go) {
    become({.bytes_max = 10'000, .entries_max = 100});
    for (int i = 0; i < 5; ++i) put("products:" + std::to_string(i), std::string(4'000, 'x'));

    EXPECT_EQ(get("products:2"), "(none)");
    EXPECT_NE(get("products:3"), "(none)");
    EXPECT_NE(get("products:4"), "(none)");
}

TEST_F(Local, a_value_larger_than_the_cache_is_not_kept_and_pushes_nothing_out) {
    become({.bytes_max = 10'000, .entries_max = 100});
    put("products:1", "one");
    put("products:2", std::string(10'000, 'x'));

    EXPECT_EQ(get("products:1"), "one");
    EXPECT_EQ(get("products:2"), "(none)");
}

TEST_F(Local, a_large_cache_is_split_and_keeps_its_bounds) {
    become({.bytes_max = 1U << 20U, .entries_max = 2'000});
    for (int i = 0; i < 5'000; ++i) put("products:" + std::to_string(i), "x");

    int alive = 0;
    for (int i = 0; i < 5'000; ++i) alive += get("products:" + std::to_string(i)) == "x" ? 1 : 0;
    EXPECT_LE(alive, 2'000);
    EXPECT_GT(alive, 1'000);
}

TEST_F(Local, a_drop_removes_the_keys_of_its_group_and_no_others) {
    const Group others{"product:", "details:gen"};
    put("products:1", "one");
    const std::int64_t generation = loops_.wait(cache_->generation(others)).value();
    loops_.wait(cache_->put(others, {"product:1", text("other"), 60s}, generation));

    loops_.wait(cache_->drop(products));

    EXPECT_EQ(get("products:1"), "(none)");
    EXPECT_EQ(get("product:1"), "other");
}

TEST_F(Local, what_was_read_before_a_drop_is_not_kept_after_it) {
    const std::int64_t before = loops_.wait(cache_->generation(products)).value();
    loops_.wait(cache_->drop(products));
    loops_.wait(cache_->put(products, {"products:1", text("old"), 60s}, before));

    EXPECT_EQ(get("products:1"), "(none)");
    put("products:1", "new");
    EXPECT_EQ(get("products:1"), "new");
}

TEST_F(Local, two_loops_at_once_never_see_what_a_finished_drop_removed) {
    const auto fill = [](Cache& cache, int rounds) -> core::Task<> {
        for (int i = 0; i < rounds; ++i) {
            const std::int64_t generation = (co_await cache.generation(products)).value();
            const std::string key = "products:" + std::to_string(i % 50);
            co_await cache.put(products, {key, text(std::to_string(generation)), 60s}, generation);
        }
    };
    const auto drop = [](Cache& cache, int rounds) -> core::Task<int> {
        int stale = 0;
        for (int i = 0; i < rounds; ++i) {
            co_await cache.drop(products);
            const std::int64_t now = (co_await cache.generation(products)).value();
            const Text kept = co_await cache.get("products:" + std::to_string(i % 50));
            if (kept && std::stoll(*kept) < now) ++stale;
        }
        co_return stale;
    };
    std::future<void> filled = loops_.start(fill(*cache_, 20'000), 0);
    std::future<int> stale = loops_.start(drop(*cache_, 2'000), 1);

    filled.get();
    EXPECT_EQ(stale.get(), 0);
}

TEST_F(Local, it_says_what_it_is) {
    EXPECT_TRUE(cache_->is_up());
    EXPECT_EQ(cache_->describe(), "in the process");
}

}  // namespace souk::cache
