// JSON text to described structs: whatever is accepted keeps to its rules, and writing it and
// reading that back gives the same.
#include "fuzz/support/property.h"
#include "platform/json/read.h"
#include "platform/json/schema.h"
#include "platform/json/write.h"
#include "services/flash/wire.h"
#include "services/flash/wire_events.h"

#include <boost/json/parse.hpp>

#include <cmath>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <vector>

namespace souk::fuzz {

// Every kind of member a description can have.
struct Line {
    std::string article;
    std::int64_t count = 0;
    std::optional<double> price;
    bool operator==(const Line&) const = default;
};
struct Basket {
    std::string_view owner;
    bool is_gift = false;
    std::vector<Line> lines;
    std::optional<Line> extra;
    std::vector<std::vector<std::int64_t>> table;
    std::vector<std::optional<std::string>> notes;
    double weight = 1.5;
    bool operator==(const Basket&) const = default;
};

}  // namespace souk::fuzz

namespace souk::json {

template <>
inline constexpr auto shape<fuzz::Line> = object(
    "Line", field("article", &fuzz::Line::article, "", length(1, 20)),
    field("count", &fuzz::Line::count, "", range(-5, 1'000)), field("price", &fuzz::Line::price));
template <>
inline constexpr auto shape<fuzz::Basket> = object(
    "Basket", field("owner", &fuzz::Basket::owner, "", length(0, 8)),
    field("isGift", &fuzz::Basket::is_gift), field("lines", &fuzz::Basket::lines, "", length(0, 3)),
    field("extra", &fuzz::Basket::extra), field("table", &fuzz::Basket::table),
    field("notes", &fuzz::Basket::notes),
    field("weight", &fuzz::Basket::weight, "", may_be_absent));

}  // namespace souk::json

namespace souk::fuzz {
namespace {

bool is_valid(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = 200;
    boost::system::error_code error;
    boost::json::parse({text.data(), text.size()}, error, {}, options);
    return !error;
}

template <typename T>
void check(std::string_view text) {
    std::pmr::monotonic_buffer_resource memory;
    for (const auto unknown : {json::UnknownFields::ignored, json::UnknownFields::refused}) {
        const json::Reading<T> reading = json::read<T>(text, memory, unknown);
        for (const json::Problem& problem : reading.problems)
            must(!problem.message.empty(), "a problem says what is wrong", problem.path);
        if (!reading.fine()) continue;
        must(is_valid(text), "only JSON is accepted", text);

        const std::string_view written = json::to_text(reading.value, memory);
        const json::Reading<T> again = json::read<T>(written, memory, json::UnknownFields::refused);
        must(again.fine(), "what is written can be read, whatever is refused", written);
        must(json::to_text(again.value, memory) == written, "and is written the same", written);
    }
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souk;
    const std::string_view text = fuzz::text_of(data, size);
    fuzz::check<flash::SaleBody>(text);
    fuzz::check<flash::OrderBody>(text);
    fuzz::check<flash::CancelBody>(text);
    fuzz::check<flash::SubscribeMessage>(text);
    fuzz::check<fuzz::Basket>(text);
    return 0;
}
