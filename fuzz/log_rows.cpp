// Rows of the order log, as a damaged or foreign file may hold them. An input has a line for each
// column: its first letter is the type (i, r, t, b; else null), the rest the value.
#include "fuzz/support/property.h"
#include "platform/testing/temporary_folder.h"
#include "services/flash/order_log_rows.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace souk::fuzz {
namespace {

constexpr std::size_t columns = 8;
constexpr const char* create_log = R"(
    CREATE TABLE log (position, kind, order_id, product_id, user_id, idempotency_key, epoch,
        accepted_at))";
constexpr std::string_view select_row = R"(
    SELECT position, kind, order_id, product_id, user_id, idempotency_key, epoch, accepted_at
    FROM log)";

db::Value value_of(std::string_view line) {
    if (line.empty()) return db::Null{};
    const std::string_view text = line.substr(1);
    if (line[0] == 't' || line[0] == 'b') return std::string(text);
    const char* const end = text.data() + text.size();
    if (line[0] == 'i') {
        std::int64_t number = 0;
        std::from_chars(text.data(), end, number);
        return number;
    }
    double real = 0;
    std::from_chars(text.data(), end, real);
    return line[0] == 'r' ? db::Value(real) : db::Value(db::Null{});
}

// Text and blobs as they may stand in a file, zero bytes included: our own statements refuse those.
std::string literal_of(std::string_view line) {
    const db::Value value = value_of(line);
    if (const auto* number = std::get_if<std::int64_t>(&value))  // the least one has no literal
        return "(" + std::to_string(*number / 2) + " * 2 + " + std::to_string(*number % 2) + ")";
    if (std::holds_alternative<db::Null>(value)) return "NULL";
    if (const auto* real = std::get_if<double>(&value))
        return std::isfinite(*real) ? std::to_string(*real) : "NULL";
    std::string hex;
    for (const char c : std::get<std::string>(value)) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        hex += {digits[static_cast<unsigned char>(c) >> 4U], digits[c & 15]};
    }
    return line.starts_with('b') ? "X'" + hex + "'" : "CAST(X'" + hex + "' AS TEXT)";
}

// The row as the log's own columns would hold it, or an empty text when they could not.
std::string as_written(const flash::LogEntry& entry) {
    const flash::OrderRecord& order = entry.order->record;
    return core::to_string(order.id) + "\n" + order.product_id + "\n" + order.user_id + "\n" +
           order.key + "\n" + std::to_string(order.epoch) + "\n" +
           std::to_string(order.accepted_at_ms) + "\n" + std::to_string(entry.position);
}

flash::LogEntry read_only_row(db::sqlite::Connection& connection) {
    db::sqlite::Statement& row = connection.prepare(select_row);
    must(row.step(), "the row is there");
    flash::LogEntry entry = flash::read_row(row);
    row.reset();
    return entry;
}

bool same(std::string_view a, const db::Value& b) {
    return std::holds_alternative<std::string>(b) && std::get<std::string>(b) == a;
}

void check_order(const flash::LogEntry& entry, const db::Values& row) {
    const flash::OrderRecord& order = entry.order->record;
    must(!std::holds_alternative<std::int64_t>(row[6]) ||
             std::get<std::int64_t>(row[6]) == std::int64_t{order.epoch},
         "an order keeps its sale", std::to_string(order.epoch));
    must(!std::holds_alternative<std::int64_t>(row[7]) ||
             std::get<std::int64_t>(row[7]) == order.accepted_at_ms,
         "an order keeps its time");
    for (const auto& [text, column] : {
             std::pair<const std::string&, int>(order.product_id, 3),
             {order.user_id, 4},
             {order.key,     5}
    }) {
        const db::Value& cell = row[static_cast<std::size_t>(column)];
        must(!std::holds_alternative<std::string>(cell) || same(text, cell),
             "an order keeps its texts", text);
    }
    if (entry.kind != flash::LogEntry::Kind::order) return;
    must(!order.product_id.empty() && !order.user_id.empty() && !order.key.empty(),
         "an order that can be read is whole");
}

void check_row(db::sqlite::Connection& connection, std::string_view input) {
    db::Values row;
    std::string insert = "INSERT INTO log VALUES (";
    for (std::size_t i = 0; i < columns; ++i) {
        const std::string_view line = take_until(input, "\n");
        row.push_back(value_of(line));
        insert += (i > 0 ? ", " : "") + literal_of(line);
    }
    connection.execute((insert + ")").c_str());
    const flash::LogEntry entry = read_only_row(connection);
    if (std::holds_alternative<std::int64_t>(row[0]))
        must(entry.position == std::get<std::int64_t>(row[0]), "a row keeps its position");
    if (entry.kind == flash::LogEntry::Kind::broken) {
        must(!entry.order && !entry.broken_detail.empty(), "a broken row says why");
        return;
    }
    must(entry.order != nullptr && entry.broken_detail.empty(),
         "a row that is not broken is whole");
    check_order(entry, row);
    const bool can_be_written = as_written(entry).find('\0') == std::string::npos;
    if (entry.kind != flash::LogEntry::Kind::order || !can_be_written) return;

    connection.execute("DELETE FROM log");
    flash::insert_row(connection, entry);
    const flash::LogEntry again = read_only_row(connection);
    must(again.kind == entry.kind && as_written(again) == as_written(entry),
         "what is written is read back the same", as_written(entry));
}

// Nothing is ever committed, so every input finds an empty log.
void run(std::string_view input) {
    static const testing::TemporaryFolder folder;
    static db::sqlite::Connection connection(folder.path() / "log.db",
                                             db::sqlite::Mode::read_write);
    connection.execute("BEGIN");
    connection.execute(create_log);
    check_row(connection, input);
    connection.execute("ROLLBACK");
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
