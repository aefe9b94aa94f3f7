// The bytes of a connection, through parser, session, router and the rooms of flash, to the bytes
// of the answers, and of the events when it becomes a WebSocket.
#include "fuzz/support/answers.h"
#include "fuzz/support/frames.h"
#include "fuzz/support/pieces.h"
#include "fuzz/support/property.h"
#include "fuzz/support/shop.h"

#include <boost/json/parse.hpp>

#include <array>
#include <charconv>
#include <string>

namespace souk::fuzz {
namespace {

constexpr std::array statuses = {302, 401, 409};
constexpr Contract contract{.statuses = statuses, .json_type = "application/json; charset=utf-8"};
constexpr std::string_view upgraded = "HTTP/1.1 101 ";

struct Told {
    std::int64_t accepted = 0;
    std::int64_t cancelled = 0;
    bool has_new_sale = false;
};

Told told_by(const std::vector<Answer>& answers) {
    Told told;
    for (const Answer& answer : answers) {
        told.accepted += answer.body == R"({"status":"success","msg":"Order accepted"})";
        told.cancelled += answer.body == R"({"status":"cancelled","msg":"Order cancelled"})";
        told.has_new_sale |= answer.body.find("Stock initialized for ") != std::string_view::npos;
        const bool has_id = !answer.header("x-order-id").empty();
        must(!has_id || answer.status == 200, "only taken orders have an id", answer.body);
    }
    return told;
}

std::int64_t units_left(Shop& shop) {
    const std::string sent =
        shop.send("GET /inventory/phone HTTP/1.1\r\nHost: h\r\n\r\n", all_at_once);
    const std::vector<Answer> answers = checked_answers(sent, contract);
    must(answers.size() == 1 && answers[0].status == 200, "the next client is served", sent);
    constexpr std::string_view before = R"({"status":"ok","productId":"phone","stock":)";
    must(answers[0].body.starts_with(before), "the stock can be asked for", sent);
    const std::string_view number = answers[0].body.substr(before.size());
    std::int64_t units = -1;
    std::from_chars(number.data(), number.data() + number.size(), units);
    return units;
}

// Behind an upgrade come events, numbered from 1.
void check_events(std::string_view sent) {
    const std::size_t at = sent.find(upgraded);
    if (at == std::string_view::npos) return;
    std::string_view frames = sent.substr(at);
    take_until(frames, "\r\n\r\n");
    std::int64_t number = 0;
    for (const std::string_view text : check_frames(frames)) {
        boost::system::error_code error;
        const boost::json::value event = boost::json::parse({text.data(), text.size()}, error);
        must(!error && event.is_object(), "an event is a JSON object", text);
        const boost::json::value* const seq = event.as_object().if_contains("seq");
        must(seq != nullptr && *seq == ++number, "events are numbered from 1", text);
        must(event.as_object().contains("type"), "an event has a type", text);
    }
}

void run(std::string_view bytes) {
    Shop shop;
    const std::string sent = shop.send(bytes, all_at_once);
    const Told told = told_by(checked_answers(sent, contract));
    check_events(sent);
    const std::int64_t left = units_left(shop);
    must(told.accepted - told.cancelled <= units_for_sale || told.has_new_sale, "no oversell");
    // A client that asks with HEAD is not told; nothing that changes units answers to HEAD.
    must(told.has_new_sale || left == units_for_sale - told.accepted + told.cancelled,
         "every unit is in the gate or in an order", std::to_string(left));

    Shop another;
    const std::string in_pieces = another.send(bytes, piece_bytes(bytes));
    checked_answers(in_pieces, contract);
    check_events(in_pieces);
    const bool has_upgrade = sent.find(upgraded) != std::string::npos;
    if (!has_upgrade) check_alike(bytes, sent, in_pieces, contract);
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
