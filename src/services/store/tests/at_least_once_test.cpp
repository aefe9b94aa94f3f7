// What was sent and could not be noted is sent again, never not at all, and the receiver can tell:
// a mail has the same Message-ID, a webhook's call the same message.
#include "platform/net/tests/loop_server.h"
#include "services/store/tests/on_sqlite.h"
#include "services/store/tests/room.h"

#include <mutex>
#include <vector>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr db::Sql count_sent = "SELECT count(*) FROM contact_messages WHERE delivery = 'sent'";
constexpr db::Sql count_attempts = "SELECT attempts FROM contact_messages";
constexpr db::Sql count_confirmations = "SELECT count(*) FROM jobs WHERE kind = 'order.confirm'";

constexpr db::Sql break_note_of_mail = R"(
    CREATE TRIGGER broken BEFORE UPDATE OF mailed_at ON contact_messages
    BEGIN SELECT RAISE(ABORT, 'the note fails'); END)";
constexpr db::Sql break_note_of_call = R"(
    CREATE TRIGGER broken BEFORE UPDATE OF called_at ON contact_messages
    BEGIN SELECT RAISE(ABORT, 'the note fails'); END)";
constexpr db::Sql break_end_of_jobs = R"(
    CREATE TRIGGER broken BEFORE DELETE ON jobs
    BEGIN SELECT RAISE(ABORT, 'the end fails'); END)";
constexpr db::Sql mend = "DROP TRIGGER broken";

const std::string message = R"({"name":"Ann","email":"ann@mail.example","message":"Hi"})";

// Takes every call and keeps its body.
class Hook {
public:
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/"; }
    std::vector<std::string> bodies() const {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }

private:
    core::Task<> talk(net::Wire& wire) {
        constexpr std::string_view length = "Content-Length: ";
        for (;;) {
            const std::string head = co_await wire.read_to("\r\n\r\n");
            const std::size_t at = head.find(length) + length.size();
            keep(co_await wire.read(std::stoul(head.substr(at))));
            co_await wire.say("HTTP/1.1 204 No Content\r\n\r\n");
        }
    }
    void keep(std::string body) {
        const std::lock_guard lock(mutex_);
        bodies_.push_back(std::move(body));
    }

    mutable std::mutex mutex_;
    std::vector<std::string> bodies_;
    net::LoopServer server_{[this](net::Wire& wire) { return talk(wire); }};
};

Room::Options mailing(const std::string& webhook_url = "") {
    Room::Options options;
    options.has_mail = true;
    options.contact_to = "owner@shop.example";
    options.webhook_url = webhook_url;
    return options;
}

// Later than any pause between attempts, and than a lease.
void go_on_later(Room& room) {
    room.clock.advance(1h);
    room.loop.wait(room.service.resend_contacts(999));  // wakes the jobs
}

bool comes_to(Room& room, db::Sql sql, std::int64_t wanted) {
    return comes_true([&] { return room.count(sql) == wanted; });
}

TEST(AtLeastOnce, a_mail_that_could_not_be_noted_leaves_again_under_the_same_id) {
    Room room(fresh_file(), mailing());
    room.loop.wait(room.database.write(break_note_of_mail));
    EXPECT_EQ(room.post("/api/contact", message).status, 201);
    ASSERT_TRUE(comes_to(room, count_attempts, 1));
    EXPECT_EQ(room.mail.sent().size(), 1U);
    EXPECT_EQ(room.count(count_sent), 0) << "nobody knows that it has left";

    room.loop.wait(room.database.write(mend));
    go_on_later(room);

    ASSERT_TRUE(comes_to(room, count_sent, 1));
    const std::vector<mail::Message> sent = room.mail.sent();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].id, sent[1].id);
    EXPECT_EQ(sent[0].text, sent[1].text);
}

TEST(AtLeastOnce, a_call_that_could_not_be_noted_is_made_again_and_the_mail_is_not) {
    Hook hook;
    Room room(fresh_file(), mailing(hook.url()));
    room.loop.wait(room.database.write(break_note_of_call));
    EXPECT_EQ(room.post("/api/contact", message).status, 201);
    ASSERT_TRUE(comes_to(room, count_attempts, 1));
    EXPECT_EQ(hook.bodies().size(), 1U);
    EXPECT_EQ(room.count(count_sent), 0);

    room.loop.wait(room.database.write(mend));
    go_on_later(room);

    ASSERT_TRUE(comes_to(room, count_sent, 1));
    const std::vector<std::string> bodies = hook.bodies();
    ASSERT_EQ(bodies.size(), 2U);
    EXPECT_TRUE(bodies[0].starts_with(R"({"id":1,)")) << bodies[0];
    EXPECT_EQ(bodies[0], bodies[1]);
    EXPECT_EQ(room.mail.sent().size(), 1U);
}

TEST(AtLeastOnce, a_call_is_made_though_the_mail_could_not_be_noted) {
    Hook hook;
    Room room(fresh_file(), mailing(hook.url()));
    room.loop.wait(room.database.write(break_note_of_mail));
    EXPECT_EQ(room.post("/api/contact", message).status, 201);
    ASSERT_TRUE(comes_to(room, count_attempts, 1));
    EXPECT_EQ(hook.bodies().size(), 1U);

    room.loop.wait(room.database.write(mend));
    go_on_later(room);

    ASSERT_TRUE(comes_to(room, count_sent, 1));
    EXPECT_EQ(hook.bodies().size(), 1U) << "that it was made had been noted";
    EXPECT_EQ(room.mail.sent().size(), 2U);
}

TEST(AtLeastOnce, a_confirmation_whose_job_cannot_be_ended_leaves_again_under_the_same_id) {
    Room room(fresh_file(), mailing());
    room.product("Phone");
    room.add(1, 1);
    room.loop.wait(room.database.write(break_end_of_jobs));
    EXPECT_EQ(room.post("/api/checkout",
                        R"({"name":"B","address":"S","phone":"1","payment_method":"card"})",
                        "bob@shop.example")
                  .status,
              200);
    ASSERT_TRUE(comes_true([&] { return room.mail.sent().size() == 1; }));
    EXPECT_EQ(room.count(count_confirmations), 1);
    go_on_later(room);
    ASSERT_TRUE(comes_true([&] { return room.mail.sent().size() == 2; }));

    room.loop.wait(room.database.write(mend));
    go_on_later(room);

    ASSERT_TRUE(comes_to(room, count_confirmations, 0));
    const std::vector<mail::Message> sent = room.mail.sent();
    ASSERT_GE(sent.size(), 2U);
    for (const mail::Message& each : sent) EXPECT_EQ(each.id, sent[0].id);
}

}  // namespace
}  // namespace souk::store
