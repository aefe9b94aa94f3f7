// What time, slow and vanishing peers and the end of the server do to a WebSocket.
#include "platform/ws/tests/loop_room.h"

#include <gtest/gtest.h>

#include <string>

namespace souk::ws {
namespace {

using namespace std::chrono_literals;

TEST(WebSocketTime, a_peer_is_pinged_every_thirty_seconds) {
    LoopRoom room(echo);
    room.upgrade();

    room.pass(29s);
    room.send(frame(text, "no ping so far"));
    EXPECT_EQ(room.next().payload, "no ping so far");

    for (int i = 0; i < 3; ++i) {
        room.pass(i == 0 ? 1s : 30s);
        EXPECT_EQ(room.next().opcode, ping);
        room.send(frame(pong, ""));
    }
    room.pass(29s);
    room.send(frame(text, "nor now"));
    EXPECT_EQ(room.next().payload, "nor now");
}

TEST(WebSocketTime, a_peer_that_is_silent_for_a_minute_is_sent_away_with_1001) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.upgrade();
    room.pass(30s);
    EXPECT_EQ(room.next().opcode, ping);
    room.pass(29s);
    EXPECT_FALSE(visitor.has_ended);

    room.pass(1s);
    EXPECT_EQ(room.next().close_code(), 1'001);
    room.pass(5s);  // it does not answer that either
    room.turn_until([&] { return visitor.has_ended && room.is_over(); });
}

TEST(WebSocketTime, pongs_pings_and_messages_are_signs_of_life) {
    for (const unsigned opcode : {pong, ping, text}) {
        Visitor visitor;
        LoopRoom room(visitor.handler());
        room.upgrade();
        for (int i = 0; i < 4; ++i) {
            room.pass(29s);
            room.send(frame(opcode, "x"));
        }
        room.pass(29s);
        EXPECT_FALSE(visitor.has_ended) << "opcode " << opcode;
        room.pass(31s);
        Frame last = room.next();
        while (last.opcode != close) last = room.next();
        EXPECT_EQ(last.close_code(), 1'001);
    }
}

TEST(WebSocketTime, a_ping_that_cannot_leave_is_not_followed_by_others) {
    Visitor visitor;
    LoopRoom room(visitor.handler(), {.queue_bytes_max = 1'000'000, .silence_seconds = 1'000});
    room.upgrade();
    for (int i = 0; i < 10; ++i) visitor.peer->send(std::string(50'000, 'x'));
    for (int i = 0; i < 5; ++i) room.pass(30s);  // it reads nothing

    int pings = 0;
    for (int messages = 0; messages < 10;) {
        const Frame next = room.next();
        next.opcode == ping ? ++pings : ++messages;
    }
    EXPECT_LE(pings, 1);
}

constexpr std::size_t bound = 100'000;

// Fills what the kernel takes and then the queue. Gives how many messages were taken.
int fill(Visitor& visitor, LoopRoom& room, const std::string& message) {
    int taken = 0;
    while (visitor.peer->send(message)) {
        ++taken;
        room.turn_all();
    }
    return taken;
}

TEST(SlowPeer, a_message_that_would_pass_the_bound_is_not_queued_and_costs_nothing_else) {
    Visitor visitor;
    LoopRoom room(visitor.handler(), {.queue_bytes_max = bound, .send_buffer_bytes = 8'192});
    room.upgrade();
    const std::string message(10'000, 'x');
    const int taken = fill(visitor, room, message);

    EXPECT_GT(visitor.peer->queued_bytes(), bound - message.size());
    EXPECT_LE(visitor.peer->queued_bytes(), bound);
    EXPECT_FALSE(visitor.peer->send(message));
    EXPECT_FALSE(visitor.has_ended) << "what now is the room's choice";

    for (int i = 0; i < taken; ++i) EXPECT_EQ(room.next().payload.size(), message.size());
    room.turn_until([&] { return visitor.peer->queued_bytes() == 0; });
    EXPECT_TRUE(visitor.peer->send("again")) << "it has caught up";
    EXPECT_EQ(room.next().payload, "again");
}

TEST(SlowPeer, it_is_told_when_its_queue_is_empty) {
    Visitor visitor;
    LoopRoom room(visitor.handler(), {.queue_bytes_max = bound, .send_buffer_bytes = 8'192});
    room.upgrade();
    const int taken = fill(visitor, room, std::string(10'000, 'x'));
    int drained = 0;
    visitor.peer->on_drained([&] { ++drained; });

    for (int i = 0; i < taken - 1; ++i) room.next();
    EXPECT_EQ(drained, 0) << "not before the last has left";
    room.next();
    room.turn_until([&] { return drained == 1; });
}

TEST(SlowPeer, a_close_drops_its_queue_and_comes_behind_what_is_on_its_way) {
    Visitor visitor;
    LoopRoom room(visitor.handler(), {.queue_bytes_max = bound, .send_buffer_bytes = 8'192});
    room.upgrade();
    const int taken = fill(visitor, room, std::string(10'000, 'x'));
    visitor.peer->close(CloseCode::try_again_later, "too slow");
    EXPECT_LE(visitor.peer->queued_bytes(), 10'000U) << "only what is being written";

    int messages = 0;
    Frame last = room.next();
    for (; last.opcode == text; last = room.next()) ++messages;
    EXPECT_LT(messages, taken);
    EXPECT_EQ(last.close_code(), 1'013);
    room.send(close_frame(1'013));
    EXPECT_TRUE(room.ends());
    room.vanish();
    room.turn_until([&] { return room.is_over(); });
}

TEST(SlowPeer, one_that_reads_nothing_at_all_is_cut_off) {
    Visitor visitor;
    LoopRoom room(visitor.handler(), {.queue_bytes_max = bound, .send_buffer_bytes = 8'192});
    room.upgrade();
    fill(visitor, room, std::string(10'000, 'x'));
    visitor.peer->close(CloseCode::try_again_later, "too slow");
    room.pass(5s);
    room.turn_until([&] { return visitor.has_ended && room.is_over(); });
}

TEST(VanishingPeer, ends_the_handler_and_is_counted_out) {
    for (const std::string_view before : {"", "\x81", "\x81\x85"}) {
        Visitor visitor;
        LoopRoom room(visitor.handler());
        room.upgrade();
        room.send(before);
        room.vanish();
        room.turn_until([&] { return visitor.has_ended && room.is_over(); });
    }
}

TEST(VanishingPeer, also_with_a_full_queue) {
    Visitor visitor;
    LoopRoom room(visitor.handler(), {.queue_bytes_max = bound, .send_buffer_bytes = 8'192});
    room.upgrade();
    fill(visitor, room, std::string(10'000, 'x'));
    room.vanish();
    room.turn_until([&] { return visitor.has_ended && room.is_over(); });
}

TEST(VanishingPeer, also_before_the_handshake_is_answered) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.send(handshake.substr(0, 60));
    room.vanish();
    room.turn_until([&] { return room.is_over(); });
    EXPECT_EQ(visitor.peer, nullptr);
}

TEST(StoppingServer, says_goodbye_with_1001) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.upgrade();
    room.lane().begin_drain();
    EXPECT_EQ(room.next().close_code(), 1'001);
    room.send(close_frame(1'001));
    EXPECT_TRUE(room.ends());
    room.vanish();
    room.turn_until([&] { return visitor.has_ended && room.is_over(); });
}

TEST(StoppingServer, sends_away_who_comes_while_it_stops) {
    LoopRoom room(echo);
    room.turn_all();
    room.lane().begin_drain();
    room.upgrade();
    EXPECT_EQ(room.next().close_code(), 1'001);
}

TEST(StoppingServer, cuts_off_who_does_not_answer_when_its_patience_is_over) {
    Visitor visitor;
    LoopRoom room(visitor.handler());
    room.upgrade();
    room.lane().begin_drain();
    EXPECT_EQ(room.next().close_code(), 1'001);
    room.lane().cut_off();
    room.turn_until([&] { return visitor.has_ended && room.is_over(); });
}

}  // namespace
}  // namespace souk::ws
