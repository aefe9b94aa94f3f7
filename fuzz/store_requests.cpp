// The bytes of a connection, through parser, session, router and the handlers of store to its
// tables, with valid tokens where an input says "<ann>" (support/store_room.h).
#include "fuzz/support/answers.h"
#include "fuzz/support/markers.h"
#include "fuzz/support/pieces.h"
#include "fuzz/support/property.h"
#include "fuzz/support/store_room.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace souk::fuzz {
namespace {

namespace json = boost::json;

constexpr std::array statuses = {201, 307, 401, 409, 422, 429};
constexpr Contract contract{.statuses = statuses, .json_type = "application/json"};

// What the answers say has been stored.
struct Told {
    std::int64_t products = 0;
    std::int64_t reviews = 0;
    std::set<std::int64_t> orders;  // one that is asked for again is told again
    std::set<std::int64_t> messages;
};

bool has_exactly(const json::object& body, std::initializer_list<std::string_view> names) {
    return body.size() == names.size() && std::ranges::all_of(names, [&](std::string_view name) {
               return body.contains({name.data(), name.size()});
           });
}

bool is_code(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

void note(const json::object& body, Told& told) {
    const json::string& message = body.at("message").as_string();
    const auto id = [&body](std::string_view name) {
        return body.at("data").at({name.data(), name.size()}).as_int64();
    };
    told.products += message == "Product created successfully.";
    told.reviews += message == "Successfully added new review.";
    if (message == "Order placed successfully.") told.orders.insert(id("order_id"));
    if (message == "Message received.") told.messages.insert(id("id"));
}

void check_body(const Answer& answer, Told& told) {
    const json::object body = json::parse({answer.body.data(), answer.body.size()}).as_object();
    const bool is_fine = answer.status / 100 == 2;
    if (!body.contains("success")) {
        const bool is_health = body.contains("status") && body.contains("uptime_seconds");
        must(is_fine && (is_health || has_exactly(body, {"signature", "token", "expire"})),
             "only health and a signature have no envelope", answer.body);
        return;
    }
    must(body.at("success") == is_fine, "success says what the status says", answer.body);
    must(body.contains("message") && body.at("message").is_string(), "there is a message",
         answer.body);
    if (is_fine) {
        must(has_exactly(body, {"success", "message", "data"}), "a success is one", answer.body);
        return note(body, told);
    }
    must(has_exactly(body, {"success", "message", "error_code"}), "a refusal is one", answer.body);
    const json::string* const code = body.at("error_code").if_string();
    must(code != nullptr && is_code({code->data(), code->size()}), "with a code", answer.body);
}

Told check_answers(std::string_view sent) {
    Told told;
    must(sent.find(upload_key) == std::string_view::npos, "no answer has the key of uploads", sent);
    for (const Answer& answer : checked_answers(sent, contract)) {
        must(answer.status != 401 || answer.header("www-authenticate") == "Bearer",
             "who is not known is told how to be");
        must(answer.status != 429 || !answer.header("retry-after").empty(), "and when to come");
        if (answer.header("content-type").starts_with("application/json") && !answer.body.empty())
            check_body(answer, told);
    }
    return told;
}

// Every write is told: none of them answers to HEAD.
void check_stored(const Stored& stored, const Told& told) {
    must(stored.broken == 0, "the invariants of the tables hold", std::to_string(stored.broken));
    must(stored.products == products_at_first + told.products, "every product is told of");
    must(stored.reviews == told.reviews, "every review is told of");
    must(stored.orders == static_cast<std::int64_t>(told.orders.size()), "every order is told of");
    // A robot is told so as well, and nothing is stored.
    must(stored.messages <= static_cast<std::int64_t>(told.messages.size()),
         "every message is told of");
}

void run(std::string_view input) {
    if (input.find(upload_key) != std::string_view::npos) return;  // told by the input itself
    const std::string bytes = filled(input, StoreRoom::markers());
    StoreRoom room;
    const std::string sent = room.send(bytes, all_at_once);
    check_stored(room.stored(), check_answers(sent));

    // Now and then only: what a session does with pieces is what fuzz/requests.cpp is for.
    if (piece_bytes(bytes) % 4 != 0) return;
    StoreRoom another;
    const std::string in_pieces = another.send(bytes, piece_bytes(bytes));
    check_stored(another.stored(), check_answers(in_pieces));
    check_alike(bytes, sent, in_pieces, contract);
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
