// The bytes of a connection, through parser, session, router and the rooms of flash, to the bytes
// of the answers, and of the events when it becomes a WebSocket.
#include "fuzz/support/answers.h"
#include "fuzz/support/frames.h"
#include "fuzz/support/property.h"
#include "fuzz/support/shop.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <string>

namespace souk::fuzz {
namespace {

constexpr std::size_t all_at_once = 1U << 20U;
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
    const std::vector<Answer> answers = checked_answers(sent);
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

// Whether "100 Continue" is sent depends on how much of the body has come already.
bool asks_for_leave(std::string_view bytes) {
    std::string lower(bytes);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower.find("expect") != std::string::npos;
}

// How, and whether, a head is refused may depend on the pieces it comes in: the parser looks at the
// first bytes of a head with care, after that only for its end, and may meet its limit before that.
std::string_view without_last_refusal(std::string_view sent) {
    const std::vector<Answer> answers = checked_answers(sent);
    if (answers.empty()) return sent;
    const Answer& last = answers.back();
    const bool is_refusal = last.status >= 400 && last.header("connection") == "close";
    return is_refusal ? sent.substr(0, last.begins_at) : sent;
}

bool are_alike(std::string_view a, std::string_view b) {
    return a == b || without_last_refusal(a) == without_last_refusal(b);
}

void run(std::string_view bytes) {
    Shop shop;
    const std::string sent = shop.send(bytes, all_at_once);
    const Told told = told_by(checked_answers(sent));
    check_events(sent);
    const std::int64_t left = units_left(shop);
    must(told.accepted - told.cancelled <= units_for_sale || told.has_new_sale, "no oversell");
    // A client that asks with HEAD is not told; nothing that changes units answers to HEAD.
    must(told.has_new_sale || left == units_for_sale - told.accepted + told.cancelled,
         "every unit is in the gate or in an order", std::to_string(left));

    Shop another;
    const std::size_t piece = 1 + std::hash<std::string_view>()(bytes) % 97;
    const std::string in_pieces = another.send(bytes, piece);
    checked_answers(in_pieces);
    check_events(in_pieces);
    const bool has_upgrade = sent.find(upgraded) != std::string::npos;
    must(asks_for_leave(bytes) || has_upgrade || are_alike(sent, in_pieces),
         "pieces get the same answers as the whole",
         "whole:\n" + sent + "\npieces of " + std::to_string(piece) + ":\n" + in_pieces);
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
