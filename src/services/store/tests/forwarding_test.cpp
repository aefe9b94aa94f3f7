// Where messages of the contact form go besides the mail, and what is not done twice.
#include "platform/net/tests/scripted_server.h"
#include "services/store/tests/on_sqlite.h"
#include "services/store/tests/room.h"

namespace souk::store {
namespace {

constexpr db::Sql select_delivery = "SELECT delivery FROM contact_messages";
const std::string message =
    R"({"name":"Ann","email":"ann@mail.example","message":"Say \"hi\"","subject":""})";
const std::string taken = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
const std::string broken = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";

bool is_delivered(Room& room, const std::string& how) {
    return comes_true([&] { return db::text(room.rows(select_delivery)[0][0]) == how; });
}

TEST(Forwarding, a_webhook_gets_the_message_as_json) {
    net::ScriptedServer server({.answer = taken});
    Room::Options options;
    options.webhook_url = server.url() + "/hook";
    Room room(fresh_file(), options);
    EXPECT_EQ(room.post("/api/contact", message).status, 201);
    EXPECT_TRUE(is_delivered(room, "sent"));
    const std::string request = server.request();
    EXPECT_TRUE(request.starts_with("POST /hook HTTP/1.1\r\n")) << request;
    EXPECT_TRUE(
        request.ends_with(R"({"id":1,"name":"Ann","email":"ann@mail.example","subject":null,)"
                          R"("message":"Say \"hi\"","created_at":"2023-11-14T22:13:20Z"})"))
        << request;
}

TEST(Forwarding, a_webhook_that_fails_does_not_mail_the_message_again) {
    net::ScriptedServer server({.answer = broken});
    Room::Options options;
    options.has_mail = true;
    options.contact_to = "owner@shop.example";
    options.webhook_url = server.url();
    Room room(fresh_file(), options);
    EXPECT_EQ(room.post("/api/contact", message).status, 201);
    EXPECT_TRUE(
        comes_true([&] { return room.count("SELECT attempts FROM contact_messages") == 1; }));
    EXPECT_EQ(db::text(room.rows("SELECT last_error FROM contact_messages")[0][0]),
              "the webhook answered 500");
    EXPECT_TRUE(is_delivered(room, "pending"));
    room.clock.advance(std::chrono::hours(1));
    room.loop.wait(room.service.resend_contacts(999));  // wakes the jobs
    EXPECT_TRUE(
        comes_true([&] { return room.count("SELECT attempts FROM contact_messages") == 2; }));
    EXPECT_EQ(room.mail.sent().size(), 1U);
}

TEST(Forwarding, mail_that_is_refused_is_told_as_well) {
    Room::Options options;
    options.has_mail = true;
    options.contact_to = "owner@shop.example";
    Room room(fresh_file(), options);
    room.mail.is_refusing = true;
    EXPECT_EQ(room.post("/api/contact", message).status, 201);
    EXPECT_TRUE(
        comes_true([&] { return room.count("SELECT attempts FROM contact_messages") == 1; }));
    EXPECT_EQ(db::text(room.rows("SELECT last_error FROM contact_messages")[0][0]),
              "550 no such user");
}

}  // namespace
}  // namespace souk::store
