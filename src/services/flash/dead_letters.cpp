#include "services/flash/dead_letters.h"

#include "services/flash/order_rows.h"
#include "services/flash/rules.h"

#include <charconv>
#include <utility>
#include <vector>

namespace souk::flash {
namespace {

constexpr db::Sql select_letters =
    "SELECT log, record FROM dead_letters WHERE position = $1 ORDER BY log";
constexpr db::Sql delete_letter = "DELETE FROM dead_letters WHERE log = $1 AND position = $2";

// Takes " name value" off the end of `text` and gives the value.
std::optional<std::string_view> take_last(std::string_view& text, std::string_view name) {
    const std::size_t at = text.rfind(name);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view value = text.substr(at + name.size());
    text = text.substr(0, at);
    return value;
}

std::optional<std::int64_t> take_last_number(std::string_view& text, std::string_view name) {
    const std::optional<std::string_view> value = take_last(text, name);
    if (!value) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc() || end != value->data() + value->size()) return std::nullopt;
    return number;
}

// Descriptions double a backslash; any other escape stands for what cannot be known for certain.
std::optional<std::string> plain(std::string_view described) {
    std::string text;
    for (std::size_t i = 0; i < described.size(); ++i) {
        if (described[i] == '\\' && (++i == described.size() || described[i] != '\\'))
            return std::nullopt;
        text += described[i];
    }
    return text;
}

// Its unit left the sale's row when it was buried.
core::Task<> revive(db::Database& database, std::string log, std::int64_t position, DeadOrder order,
                    std::int64_t now_ms) {
    const bool is_cancelled = order.cancelled_at_ms.has_value();
    std::vector<db::Values> rows;
    rows.push_back(order_row(order.record,
                             {.state = is_cancelled ? OrderState::cancelled : OrderState::confirmed,
                              .updated_at_ms = order.cancelled_at_ms.value_or(now_ms),
                              .position = position}));
    db::Transaction transaction = co_await database.begin();
    co_await transaction.run_many(insert_order, std::move(rows));
    co_await transaction.run(delete_letter, std::move(log), position);
    co_await transaction.commit();
}

}  // namespace

// "order ID product P user U key K epoch N accepted_at T[ cancelled_at T]": only the user id has
// blanks, so that it is what is left when all else was taken from both ends.
std::optional<DeadOrder> read_dead_letter(std::string_view described) {
    const std::optional<std::string> text = plain(described);
    if (!text || !text->starts_with("order ")) return std::nullopt;
    std::string_view left = std::string_view(*text).substr(6);
    DeadOrder order;
    std::string_view before = left;
    const std::optional<std::int64_t> cancelled_at = take_last_number(before, " cancelled_at ");
    if (cancelled_at && before.rfind(" accepted_at ") != std::string_view::npos) {
        order.cancelled_at_ms = cancelled_at;
        left = before;
    }
    const std::optional<std::int64_t> accepted_at = take_last_number(left, " accepted_at ");
    const std::optional<std::int64_t> epoch = take_last_number(left, " epoch ");
    const std::optional<std::string_view> key = take_last(left, " key ");
    const std::size_t product_at = left.find(" product ");
    const std::size_t user_at = left.find(" user ");
    if (!accepted_at || !epoch || !key || product_at != 36 || user_at == std::string_view::npos)
        return std::nullopt;
    const std::optional<OrderId> id = core::parse_uuid(left.substr(0, product_at));
    const std::string_view product = left.substr(product_at + 9, user_at - product_at - 9);
    if (!id || !is_product_id(product) || !check_key(*key)) return std::nullopt;
    order.record = {.id = *id,
                    .product_id = std::string(product),
                    .user_id = std::string(left.substr(user_at + 6)),
                    .key = std::string(*key),
                    .epoch = static_cast<Epoch>(*epoch),
                    .accepted_at_ms = *accepted_at};
    return order;
}

std::optional<std::int64_t> read_cancelled_at(std::string_view text) {
    const std::optional<std::int64_t> cancelled_at = take_last_number(text, " cancelled_at ");
    const bool is_our_end = take_last_number(text, " accepted_at ").has_value();
    return is_our_end ? cancelled_at : std::nullopt;
}

core::Task<Retried> retry_dead_letters(db::Database& database, std::int64_t position,
                                       std::int64_t now_ms) {
    Retried retried;
    const db::Rows letters = co_await database.read(select_letters, position);
    for (const db::Values& row : letters.rows) {
        std::optional<DeadOrder> order = read_dead_letter(db::text(row[1]));
        if (!order) {
            ++retried.unreadable;
            continue;
        }
        try {
            co_await revive(database, db::text(row[0]), position, std::move(*order), now_ms);
            ++retried.written;
        } catch (const db::Refused& again) {
            retried.refusal = again.what();
        }
    }
    co_return retried;
}

}  // namespace souk::flash
