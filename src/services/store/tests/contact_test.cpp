// The contact form: what is stored, what is refused, and how messages are forwarded.
#include "services/store/tests/room.h"

#include <vector>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

std::string message(const std::string& email = "ann@mail.example",
                    const std::string& text = "Hello there", const std::string& more = "") {
    return R"({"name":" Ann ","email":")" + email + R"(","message":")" + text + "\"" + more + "}";
}

std::string received(int id) {
    return R"({"success":true,"message":"Message received.","data":{"id":)" + std::to_string(id) +
           R"(,"created_at":"2023-11-14T22:13:20Z"}})";
}

Answer send(Room& room, const std::string& body, const std::string& address = "192.0.2.1") {
    return room.api.send({.verb = http::Verb::post,
                          .target = "/api/contact",
                          .body = body,
                          .headers = {},
                          .client_address = address});
}

// Once the jobs have run as far as they can now.
std::string delivery(Room& room, const std::string& wanted) {
    std::string seen;
    comes_true([&] {
        seen = db::text(room.rows("SELECT delivery FROM contact_messages ORDER BY id DESC")[0][0]);
        return seen == wanted;
    });
    return seen;
}

Room::Options mailing() {
    Room::Options options;
    options.has_mail = true;
    options.contact_to = "owner@shop.example";
    return options;
}

TEST_P(StoreRoomTest, a_message_is_stored_and_without_a_receiver_disabled) {
    Room room(place());
    expect(send(room, message()), 201, received(1));
    const db::Rows rows = room.rows(
        "SELECT name, email, subject, message, user_id, delivery, attempts FROM contact_messages");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(db::text(rows[0][0]), "Ann");
    EXPECT_EQ(db::text(rows[0][3]), "Hello there");
    EXPECT_TRUE(db::is_null(rows[0][2]));
    EXPECT_TRUE(db::is_null(rows[0][4]));
    EXPECT_EQ(db::text(rows[0][5]), "disabled");
    EXPECT_EQ(room.count("SELECT count(*) FROM jobs WHERE kind = 'contact.forward'"), 0);
}

TEST_P(StoreRoomTest, a_caller_with_a_valid_token_is_remembered_and_an_invalid_one_ignored) {
    Room room(place());
    room.product("a");
    const auto as = [&](const std::string& token, const std::string& text) {
        return room.post("/api/contact", message("ann@mail.example", text), token).status;
    };
    EXPECT_EQ(as("owner@shop.example", "one"), 201);
    EXPECT_EQ(as("expired", "two"), 201);
    EXPECT_EQ(as("nobody@shop.example", "three"), 201);
    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages WHERE user_id = 1"), 1);
    EXPECT_EQ(room.count("SELECT count(*) FROM users"), 1);
}

TEST_P(StoreRoomTest, the_same_message_within_ten_minutes_is_the_first_one) {
    Room room(place());
    expect(send(room, message()), 201, received(1));
    room.clock.advance(9min);
    expect(send(room, message("ANN@mail.example")), 201, received(1));
    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages"), 1);
    room.clock.advance(61s);
    EXPECT_EQ(send(room, message()).status, 201);
    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages"), 2);
    EXPECT_EQ(send(room, message("ann@mail.example", "Other"), "192.0.2.2").status, 429)
        << "three of one email in an hour";
}

TEST_P(StoreRoomTest, a_message_that_was_deleted_is_stored_anew_when_it_is_sent_again) {
    Room room(place(), mailing());
    expect(send(room, message()), 201, received(1));
    EXPECT_EQ(delivery(room, "sent"), "sent");
    room.loop.wait(room.database.write("DELETE FROM contact_messages"));
    room.clock.advance(1min);

    EXPECT_EQ(send(room, message()).status, 201);

    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages"), 1);
    EXPECT_EQ(delivery(room, "sent"), "sent");
    EXPECT_EQ(room.mail.sent().size(), 2U);
    EXPECT_EQ(send(room, message()).status, 201);
    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages"), 1) << "that is a repeated one";
}

TEST_P(StoreRoomTest, the_same_message_many_times_at_once_is_stored_once) {
    Room room(place());
    std::vector<TestClient::Call> calls;
    for (int i = 0; i < 3; ++i)
        calls.push_back({.verb = http::Verb::post, .target = "/api/contact", .body = message()});
    for (const Answer& answer : room.api.send_together(std::move(calls)))
        expect(answer, 201, received(1));
    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages"), 1);
}

TEST_P(StoreRoomTest, an_address_and_an_email_may_send_so_much_in_an_hour) {
    Room room(place());
    for (int i = 0; i < 3; ++i) {
        const std::string text = "text " + std::to_string(i);
        EXPECT_EQ(send(room, message("a@mail.example", text)).status, 201);
    }
    const Answer fourth = send(room, message("a@mail.example", "text 4"), "192.0.2.9");
    expect(fourth, 429, refused("RATE_LIMITED", "Too many messages; try again in 3600 seconds."));
    EXPECT_EQ(fourth.header("retry-after"), "3600");
    EXPECT_EQ(send(room, message("b@mail.example")).status, 201);
    EXPECT_EQ(send(room, message("c@mail.example")).status, 201);
    EXPECT_EQ(send(room, message("d@mail.example")).status, 429) << "five of one address";
    EXPECT_EQ(send(room, message("d@mail.example"), "2001:db8::1").status, 201);
    EXPECT_EQ(send(room, "{}").status, 422) << "validation comes first";
    room.clock.advance(3'601s);
    EXPECT_EQ(send(room, message("a@mail.example", "later")).status, 201);
}

TEST_P(StoreRoomTest, a_robot_is_answered_and_nothing_stored) {
    Room room(place(), mailing());
    const std::string robot = message("r@mail.example", "Buy", R"(,"website":"http://spam")");
    expect(send(room, robot), 201, received(1));
    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages"), 0);
    EXPECT_EQ(send(room, message("s@mail.example", "Hi", R"(,"website":"")")).status, 201);
    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages"), 1);
}

TEST_P(StoreRoomTest, a_contact_body_is_checked_field_by_field) {
    Room room(place());
    const std::string long_name(101, 'n');
    const std::vector<std::pair<std::string, std::string>> table{
        {R"({"email":"a@b.c","message":"m"})", "name: is required"},
        {R"({"name":"  ","email":"a@b.c","message":"m"})", "name: must have 1 to 100 characters"},
        {R"({"name":")" + long_name + R"(","email":"a@b.c","message":"m"})",
         "name: must have 1 to 100 characters"},
        {R"({"name":"a\r\nBcc: x","email":"a@b.c","message":"m"})",
         "name: must not have line breaks"},
        {R"({"name":"a\n","email":"a@b.c","message":"m"})", "name: must not have line breaks"},
        {R"({"name":"a","message":"m"})", "email: is required"},
        {R"({"name":"a","email":"ab.c","message":"m"})", "email: must be an email address"},
        {R"({"name":"a","email":"a@b","message":"m"})", "email: must be an email address"},
        {R"({"name":"a","email":"a@@b.c","message":"m"})", "email: must be an email address"},
        {R"({"name":"a","email":"a b@b.c","message":"m"})", "email: must be an email address"},
        {R"({"name":"a","email":"@b.c","message":"m"})", "email: must be an email address"},
        {R"({"name":"a","email":"a@b.c\nx","message":"m"})", "email: must not have line breaks"},
        {R"({"name":"a","email":"a@b.c","subject":"x\ny","message":"m"})",
         "subject: must not have line breaks"},
        {R"({"name":"a","email":"a@b.c","subject":")" + std::string(151, 's') +
             R"(","message":"m"})", "subject: must have at most 150 characters"},
        {R"({"name":"a","email":"a@b.c"})", "message: is required"},
        {R"({"name":"a","email":"a@b.c","message":"\n \t"})",
         "message: must have 1 to 5000 characters"},
        {R"({"name":"a","email":"a@b.c","message":")" + std::string(5'001, 'm') + R"("})",
         "message: must have 1 to 5000 characters"},
        {R"({"name":"a","email":"a@b.c","message":"a\u0000b"})",
         "message: must not have a NUL character"},
        {R"({"name":"a","email":"a@b.c","message":"m","website":7})", "website: must be a string"},
        {"[]", "body: must be a JSON object"},
    };
    for (const auto& [body, said] : table)
        expect(send(room, body), 422, refused("VALIDATION_ERROR", said), body);
    EXPECT_EQ(room.count("SELECT count(*) FROM contact_messages"), 0);
}

TEST_P(StoreRoomTest, a_message_is_mailed_to_the_owner) {
    Room room(place(), mailing());
    EXPECT_EQ(
        send(room, message("ann@mail.example", "Line 1\\nLine 2", R"(,"subject":"Hi")")).status,
        201);
    EXPECT_EQ(delivery(room, "sent"), "sent");
    const std::vector<mail::Message> sent = room.mail.sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].to, "owner@shop.example");
    EXPECT_EQ(sent[0].reply_to, "ann@mail.example");
    EXPECT_EQ(sent[0].subject, "Hi");
    const std::string received = std::to_string(core::to_ms(room.clock.now()));
    EXPECT_TRUE(sent[0].id.starts_with("contact-1-") && sent[0].id.ends_with("-" + received))
        << sent[0].id;
    EXPECT_NE(sent[0].text.find("Line 1\nLine 2"), std::string::npos);
    EXPECT_NE(sent[0].text.find("Ann <ann@mail.example>"), std::string::npos);
    EXPECT_EQ(room.count("SELECT attempts FROM contact_messages"), 1);
}

TEST_P(StoreRoomTest, mail_trouble_is_noted_tried_again_and_at_last_given_up) {
    Room room(place(), mailing());
    room.mail.is_down = true;
    EXPECT_EQ(send(room, message()).status, 201) << "which mail trouble never changes";
    for (int attempt = 1; attempt <= 5; ++attempt) {
        EXPECT_TRUE(comes_true([&] {
            return room.count("SELECT attempts FROM contact_messages") == attempt;
        })) << attempt;
        EXPECT_EQ(delivery(room, attempt < 5 ? "pending" : "failed"),
                  attempt < 5 ? "pending" : "failed");
        room.clock.advance(4h);                             // longer than any pause with its jitter
        room.loop.wait(room.service.resend_contacts(999));  // wakes the jobs
    }
    const db::Rows rows = room.rows("SELECT last_error, next_attempt_at FROM contact_messages");
    EXPECT_EQ(db::text(rows[0][0]), "421 come back later");
    EXPECT_TRUE(db::is_null(rows[0][1]));

    room.mail.is_down = false;
    EXPECT_EQ(room.loop.wait(room.service.resend_contacts(std::nullopt)), 1);
    EXPECT_EQ(delivery(room, "sent"), "sent");
    EXPECT_EQ(room.loop.wait(room.service.resend_contacts(std::nullopt)), 0);
    EXPECT_EQ(room.loop.wait(room.service.resend_contacts(1)), 1);
    EXPECT_TRUE(comes_true([&] { return room.mail.sent().size() == 2; }));
    const std::vector<ContactRow> listed =
        room.loop.wait(list_contacts(room.database, ContactFilter()));
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].email, "ann@mail.example");
}

}  // namespace
}  // namespace souk::store
