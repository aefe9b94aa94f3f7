// Messages, close codes and both closing handshakes of a WebSocket, on a loop turned by hand.
#include "platform/ws/tests/loop_room.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace souk::ws {
namespace {

using namespace std::chrono_literals;

TEST(WebSocket, a_text_comes_back_as_one_frame) {
    LoopRoom room(echo);
    room.upgrade();

    room.send(frame(text, "hello"));
    const Frame answer = room.next();
    EXPECT_EQ(answer.opcode, text);
    EXPECT_EQ(answer.payload, "hello");
    EXPECT_TRUE(answer.is_last);
}

TEST(WebSocket, a_message_in_fragments_is_one_and_pings_between_are_answered_at_once) {
    LoopRoom room(echo);
    room.upgrade();

    room.send(frame(text, "he", false) + frame(ping, "a") + frame(continued, "", false) +
              frame(continued, "ll", false));
    EXPECT_EQ(room.next().payload, "a");
    room.send(frame(ping, "b"));
    const Frame second = room.next();
    EXPECT_EQ(second.opcode, pong);
    EXPECT_EQ(second.payload, "b");

    room.send(frame(continued, "o"));
    EXPECT_EQ(room.next().payload, "hello");
}

TEST(WebSocket, what_stands_behind_the_upgrade_request_is_not_lost) {
    LoopRoom whole(echo);
    whole.upgrade(frame(text, "early") + frame(ping, "bird"));
    EXPECT_EQ(whole.next().payload, "early");
    EXPECT_EQ(whole.next().opcode, pong);

    const std::string message = frame(text, "cut in two");
    LoopRoom cut(echo);
    cut.upgrade(message.substr(0, 9));
    cut.send(message.substr(9));
    EXPECT_EQ(cut.next().payload, "cut in two");
}

TEST(WebSocket, a_close_of_the_client_is_answered_with_its_code) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.upgrade();

    room.send(close_frame(4'321));
    EXPECT_EQ(room.next().close_code(), 4'321);
    EXPECT_TRUE(room.ends());
    room.vanish();
    room.turn_until([&] { return visitor.has_ended && room.is_over(); });
}

TEST(WebSocket, a_close_of_the_server_waits_for_the_clients) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.upgrade();

    visitor.peer->close(CloseCode::policy, "go");
    const Frame answer = room.next();
    EXPECT_EQ(answer.close_code(), 1'008);
    EXPECT_EQ(answer.reason(), "go");
    room.send(frame(text, "was on its way"));
    room.turn_all();
    EXPECT_FALSE(room.is_over());

    room.send(close_frame(1'008));
    EXPECT_TRUE(room.ends());
    room.vanish();
    room.turn_until([&] { return room.is_over(); });
    EXPECT_TRUE(visitor.messages.empty()) << "nothing is taken of who is sent away";
}

TEST(WebSocket, who_does_not_answer_a_close_is_cut_off_after_five_seconds) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.upgrade();
    visitor.peer->close(CloseCode::policy, "go");
    EXPECT_EQ(room.next().close_code(), 1'008);

    room.pass(4s);
    EXPECT_FALSE(room.is_over());
    room.pass(1s);
    EXPECT_TRUE(room.ends());
    room.vanish();
    room.turn_until([&] { return room.is_over(); });
}

TEST(WebSocket, a_handler_that_returns_closes_with_1000) {
    LoopRoom room([](std::shared_ptr<Peer> peer, const http::Request&) -> core::Task<> {
        peer->send("bye");
        co_return;
    });
    room.upgrade();
    EXPECT_EQ(room.next().payload, "bye");
    EXPECT_EQ(room.next().close_code(), 1'000);
}

TEST(WebSocket, a_handler_that_throws_closes_with_1011) {
    LoopRoom room([](std::shared_ptr<Peer> peer, const http::Request&) -> core::Task<> {
        co_await peer->receive();
        throw std::runtime_error("meant to fail");
    });
    room.upgrade();
    room.send(frame(text, "go on"));
    const Frame answer = room.next();
    EXPECT_EQ(answer.close_code(), 1'011);
    EXPECT_EQ(answer.reason(), "internal error") << "clients are not told what failed";
    room.send(close_frame(1'011));
    room.vanish();
    room.turn_until([&] { return room.is_over(); });
}

TEST(WebSocket, what_is_sent_to_a_closing_peer_is_dropped) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.upgrade();
    visitor.peer->close(CloseCode::policy, "go");
    EXPECT_TRUE(visitor.peer->send("too late"));
    EXPECT_EQ(visitor.peer->queued_bytes(), 0U);
    visitor.peer->close(CloseCode::normal, "twice");

    EXPECT_EQ(room.next().close_code(), 1'008);
    room.send(close_frame(1'008));
    EXPECT_TRUE(room.ends());
}

struct Broken {
    std::string name;
    std::string bytes;
    int code;
};
void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

class BrokenFrames : public ::testing::TestWithParam<Broken> {
protected:
    static constexpr std::size_t limit = 1'000;
};

TEST_P(BrokenFrames, close_with_their_code) {
    Visitor visitor;
    LoopRoom room(visitor.handler(), {.message_bytes_max = limit});
    room.upgrade();
    room.send(GetParam().bytes);
    EXPECT_EQ(room.next().close_code(), GetParam().code);
    room.send(close_frame(GetParam().code));
    EXPECT_TRUE(room.ends());
    room.vanish();
    room.turn_until([&] { return room.is_over(); });
    EXPECT_TRUE(visitor.messages.empty());
}

INSTANTIATE_TEST_SUITE_P(
    all, BrokenFrames,
    ::testing::Values(Broken{"binary", frame(binary, "x"), 1'003},
                      Broken{"no UTF-8", frame(text, "\xff\xfe"), 1'007},
                      Broken{"UTF-8 cut at the end", frame(text, "\xc3"), 1'007},
                      Broken{"UTF-8 cut before an empty last fragment",
                             frame(text, "\xc3", false) + frame(continued, ""), 1'007},
                      Broken{"UTF-8 broken over fragments",
                             frame(text, "\xc3", false) + frame(continued, "x"), 1'007},
                      Broken{"too big", frame(text, std::string(1'001, 'x')), 1'009},
                      Broken{"too big in fragments",
                             frame(text, std::string(600, 'x'), false) +
                                 frame(continued, std::string(600, 'x')),
                             1'009},
                      Broken{"not masked", std::string("\x81\x01x"), 1'002},
                      Broken{"unknown kind", frame(3, "x"), 1'002},
                      Broken{"a ping in fragments", frame(ping, "x", false), 1'002},
                      Broken{"a ping too long", frame(ping, std::string(126, 'x')), 1'002},
                      Broken{"a continuation of nothing", frame(continued, "x"), 1'002}));

TEST(WebSocket, the_largest_message_is_taken) {
    Visitor visitor;
    LoopRoom room(visitor.handler(), {.message_bytes_max = 70'000});
    room.upgrade();
    room.send(frame(text, std::string(70'000, 'x')));
    room.turn_until([&] { return visitor.messages.size() == 1; });
    EXPECT_EQ(visitor.messages.front().size(), 70'000U);
}

TEST(WebSocket, a_room_may_have_a_code_of_its_own_for_binary) {
    LoopRoom room(echo, {.binary = CloseCode::policy});
    room.upgrade();
    room.send(frame(binary, "x"));
    EXPECT_EQ(room.next().close_code(), 1'008);
}

// Refuses every message, and goes on waiting as a handler should.
core::Task<> refuse(std::shared_ptr<Peer> peer, const http::Request&) {
    for (;;) {
        const std::optional<std::string> message = co_await peer->receive();
        if (!message) co_return;
        peer->close(CloseCode::policy, "refused");
    }
}

// Found by the fuzz target `requests`: Beast's read and close waited for each other for good.
TEST(WebSocket, broken_bytes_behind_a_refused_message_do_not_keep_the_connection) {
    for (const std::string& behind :
         {frame(3, "x"), frame(text, "\xff"), frame(text, "fine"), frame(ping, ""),
          std::string("\x81"), close_frame(1'000), close_frame(7), std::string()}) {
        LoopRoom room(refuse);
        room.upgrade();
        room.send(frame(text, "x") + behind);
        EXPECT_EQ(room.next().close_code(), 1'008);
        room.vanish();
        room.turn_until([&] { return room.is_over(); });
    }
}

// The same, when the close comes by itself while a message is being read: then the patience for the
// closing handshake ends it.
TEST(WebSocket, broken_bytes_of_a_message_under_way_end_with_the_patience_for_a_close) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.upgrade();
    const std::string message = frame(text, std::string(2'000, '\xff'));
    room.send(message.substr(0, 8));  // the head
    visitor.peer->close(CloseCode::going_away, "the server stops");
    room.turn_all();
    room.send(message.substr(8));
    EXPECT_EQ(room.next().close_code(), 1'001);

    room.pass(5s);
    room.turn_until([&] { return visitor.has_ended && room.is_over(); });
}

}  // namespace
}  // namespace souk::ws
