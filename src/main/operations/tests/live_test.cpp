// Those who watch live: what each is told, made once for all of them, and who does not read.
#include "main/operations/live.h"

#include "platform/core/event.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace souk::operations {
namespace {

// A client that takes so many messages and then reads no more.
class FakePeer final : public ws::Peer {
public:
    FakePeer(boost::asio::io_context& context, std::size_t taken_max)
        : context_(context), taken_max_(taken_max) {}

    core::Task<std::optional<std::string>> receive() override {
        while (!co_await ended_.wait(std::chrono::minutes(1))) continue;
        co_return std::nullopt;
    }
    bool send(std::string text) override {
        if (told.size() >= taken_max_) return false;
        told.push_back(std::move(text));
        return true;
    }
    std::size_t queued_bytes() const override { return 0; }
    void on_drained(std::function<void()>) override {}
    void close(ws::CloseCode code, std::string_view) override {
        closed = code;
        ended_.set();
    }
    core::Executor executor() override { return context_.get_executor(); }

    std::vector<std::string> told;
    std::optional<ws::CloseCode> closed;

private:
    boost::asio::io_context& context_;
    const std::size_t taken_max_;
    core::Event ended_;
};

class LiveTest : public ::testing::Test {
protected:
    std::shared_ptr<FakePeer> watch(std::size_t taken_max = 100) {
        const auto peer = std::make_shared<FakePeer>(context_, taken_max);
        boost::asio::co_spawn(context_, live_.serve(peer), boost::asio::detached);
        turn();
        return peer;
    }
    void tick() {
        live_.tell_all(++tick_);
        turn();
    }
    void turn() {
        context_.restart();
        context_.poll();
    }

    int texts_made_ = 0;
    std::uint64_t tick_ = 0;
    Live live_{[this](metrics::Ticks ticks) {
        ++texts_made_;
        return std::to_string(ticks.after) + " to " + std::to_string(ticks.last);
    }};
    boost::asio::io_context context_{1};
};

TEST_F(LiveTest, everybody_is_told_everything_once_in_a_text_made_once) {
    tick();
    tick();
    EXPECT_EQ(texts_made_, 0) << "nobody watches";
    const std::shared_ptr<FakePeer> first = watch();
    tick();
    const std::shared_ptr<FakePeer> second = watch();
    const std::shared_ptr<FakePeer> third = watch();
    texts_made_ = 0;
    tick();
    tick();

    EXPECT_EQ(texts_made_, 2);
    EXPECT_EQ(first->told, (std::vector<std::string>{"0 to 2", "2 to 3", "3 to 4", "4 to 5"}));
    EXPECT_EQ(second->told, (std::vector<std::string>{"0 to 3", "3 to 4", "4 to 5"}));
    EXPECT_EQ(third->told, second->told);
}

TEST_F(LiveTest, who_does_not_read_is_sent_away_and_the_others_stay) {
    const std::shared_ptr<FakePeer> slow = watch(3);
    const std::shared_ptr<FakePeer> quick = watch();
    for (int i = 0; i < 5; ++i) tick();

    EXPECT_EQ(slow->told.size(), 3U);
    EXPECT_EQ(slow->closed, ws::CloseCode::try_again_later);
    EXPECT_EQ(quick->told.size(), 6U);
    EXPECT_EQ(quick->closed, std::nullopt);
}

TEST_F(LiveTest, who_has_gone_makes_room_for_another) {
    std::vector<std::shared_ptr<FakePeer>> peers;
    for (int i = 0; i < 32; ++i) peers.push_back(watch());
    EXPECT_EQ(watch()->closed, ws::CloseCode::try_again_later);
    EXPECT_EQ(peers.back()->closed, std::nullopt);

    peers.back()->close(ws::CloseCode::normal, "");
    turn();
    peers.pop_back();

    EXPECT_EQ(watch()->closed, std::nullopt);
}

}  // namespace
}  // namespace souk::operations
