// What one client is told of another's order: only what a power cut would leave. The store on a
// disk whose syncs stand still and fail as a test says.
#include "platform/testing/fault_disk.h"
#include "services/store/tests/room.h"

#include <atomic>
#include <future>
#include <vector>

namespace souk::store {
namespace {

using Disk = testing::FaultDisk;

// Counts the transactions that have begun.
class CountingDatabase final : public db::Database {
public:
    CountingDatabase(std::unique_ptr<db::Database> real, std::atomic<int>& begun)
        : real_(std::move(real)), begun_(begun) {}

    core::Task<std::vector<db::Rows>> write_all(std::vector<db::Statement> statements) override {
        return real_->write_all(std::move(statements));
    }
    core::Task<db::Transaction> begin() override {
        db::Transaction transaction = co_await real_->begin();
        ++begun_;
        co_return transaction;
    }
    core::Task<int> migrate(db::Migrations migrations) override {
        return real_->migrate(migrations);
    }
    core::Task<bool> claim(std::string what) override { return real_->claim(std::move(what)); }
    std::string describe() const override { return real_->describe(); }

private:
    core::Task<db::Rows> read_values(db::Sql sql, db::Values values) override {
        return real_->read({sql, std::move(values)});
    }
    core::Task<db::Rows> write_values(db::Sql sql, db::Values values) override {
        return real_->write({sql, std::move(values)});
    }

    const std::unique_ptr<db::Database> real_;
    std::atomic<int>& begun_;
};

// Two checkouts with one key that wait while the disk is busy, so that one sync is for both: it
// fails, and so do all that follow.
class TwoInOneSync {
public:
    TwoInOneSync() {
        room_.product("Phone", 5, 100);
        room_.add(1, 1);
        disk_.on_step([this](const Disk::Step& step) {
            if (step.operation == Disk::Operation::sync) on_sync();
        });
    }

    std::vector<Answer> play() {
        next_ = Next::stands_still;
        std::future<db::Rows> busy = std::async(std::launch::async, [this] {
            return room_.loop.wait(room_.database.write("UPDATE products SET category = 'busy'"));
        });
        EXPECT_TRUE(comes_true([this] { return next_ == Next::is_standing; }));
        room_.database.heal();  // counts its calls from here
        std::future<std::vector<Answer>> answers = std::async(std::launch::async, [this] {
            return room_.api.send_together({check_out(), check_out()});
        });
        EXPECT_TRUE(comes_true([this] { return room_.database.calls() >= 2; }));
        begun_ = 0;
        next_ = Next::fails;
        busy.wait();  // what stood still may have been a job's, and this part of what fails
        return answers.get();
    }

    // Whether both had begun when the sync failed.
    bool were_together() const { return begun_at_failure_ == 2; }

    Answer again() {
        disk_.heal();
        return room_.api.send(check_out());
    }
    std::int64_t count(db::Sql sql) { return room_.count(sql); }

private:
    enum class Next { passes, stands_still, is_standing, fails };

    static TestClient::Call check_out() {
        TestClient::Headers headers = Room::as("bob@shop.example");
        headers.emplace_back("idempotency-key", "key-1");
        return {
            .verb = http::Verb::post,
            .target = "/api/checkout",
            .body = R"({"name":"Bob","address":"Street 1","phone":"1","payment_method":"card"})",
            .headers = std::move(headers)};
    }

    void on_sync() {
        if (next_ == Next::stands_still) {
            next_ = Next::is_standing;
            comes_true([this] { return next_ != Next::is_standing; });
        } else if (next_ == Next::fails) {
            begun_at_failure_ = begun_.load();
            next_ = Next::passes;
            disk_.fail_nth(0, {.lasts = true, .only = Disk::Operation::sync});
        }
    }

    std::atomic<Next> next_{Next::passes};
    std::atomic<int> begun_{0};
    std::atomic<int> begun_at_failure_{0};
    Disk disk_;  // after what its steps call, before what uses it
    Room room_{std::make_unique<CountingDatabase>(
                   db::open({.file = "store.db", .schema = "store", .vfs = disk_.vfs()}), begun_),
               Room::Options()};
};

TEST(Durable, a_repeated_checkout_is_not_told_of_an_order_that_a_power_cut_would_take) {
    const bool were_together = comes_true([] {
        TwoInOneSync shop;
        for (const Answer& answer : shop.play()) {
            expect(answer, 500, refused("CHECKOUT_ERROR", "Failed to place the order."),
                   shop.were_together() ? "in one commit" : "in two");
        }
        EXPECT_EQ(shop.again().status, 200);
        EXPECT_EQ(shop.count("SELECT count(*) FROM orders"), 1);
        EXPECT_EQ(shop.count("SELECT stock FROM products"), 4);
        return shop.were_together();  // a slow machine may have needed two commits
    });
    EXPECT_TRUE(were_together);
}

}  // namespace
}  // namespace souk::store
