#include "services/store/contact_messages.h"

#include "platform/core/error.h"
#include "platform/jobs/jobs.h"
#include "services/store/store_rows.h"

#include <utility>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr auto same_message_for = 10min;

// Of a message that somebody has deleted meanwhile: nothing repeats that any more. A statement of
// its own, because it must not see less than what claim_digest waits for.
constexpr db::Sql forget_deleted = R"(
    DELETE FROM contact_recent
    WHERE digest = $1
      AND NOT EXISTS (SELECT 1 FROM contact_messages WHERE key = contact_recent.message_key))";
// Takes the digest for this message, unless another has it that is not old enough. The row is
// locked until the end of the transaction: of two at the same time the second finds the first's.
constexpr db::Sql claim_digest = R"(
    INSERT INTO contact_recent (digest, message_key, created_at) VALUES ($1, $2, $3)
    ON CONFLICT (digest) DO UPDATE
    SET message_key = excluded.message_key, created_at = excluded.created_at
    WHERE contact_recent.created_at <= $4)";
constexpr db::Sql insert_message = R"(
    INSERT INTO contact_messages (key, name, email, subject, message, user_id, ip_hash, created_at,
                                  delivery, next_attempt_at)
    SELECT $2, $3, $4, $5, $6, (SELECT id FROM users WHERE email = $7), $8, $9, $10, $11
    WHERE EXISTS (SELECT 1 FROM contact_recent WHERE digest = $1 AND message_key = $2))";
constexpr db::Sql select_of_digest = R"(
    SELECT contact_messages.id, contact_messages.created_at
    FROM contact_recent JOIN contact_messages ON contact_messages.key = contact_recent.message_key
    WHERE contact_recent.digest = $1)";
constexpr db::Sql delete_old_digests = "DELETE FROM contact_recent WHERE created_at <= $1";
constexpr db::Sql select_next_id = "SELECT coalesce(max(id), 0) + 1 FROM contact_messages";

constexpr db::Sql select_messages = R"(
    SELECT id, name, email, subject, message, delivery, attempts, created_at, next_attempt_at, last_error
    FROM contact_messages WHERE ($1 = '' OR delivery = $1) ORDER BY id DESC LIMIT $2)";
constexpr db::Sql select_message = R"(
    SELECT id, name, email, subject, message, delivery, attempts, created_at, next_attempt_at, last_error,
           mailed_at, called_at
    FROM contact_messages WHERE key = $1)";
constexpr db::Sql count_messages =
    "SELECT delivery, count(*) FROM contact_messages GROUP BY delivery";
constexpr db::Sql update_mailed = "UPDATE contact_messages SET mailed_at = $2 WHERE key = $1";
constexpr db::Sql update_called = "UPDATE contact_messages SET called_at = $2 WHERE key = $1";
constexpr db::Sql update_sent = R"(
    UPDATE contact_messages
    SET delivery = 'sent', attempts = $2, next_attempt_at = NULL, last_error = NULL
    WHERE key = $1)";
constexpr db::Sql update_failed = R"(
    UPDATE contact_messages
    SET delivery = $2, attempts = $3, next_attempt_at = $4, last_error = $5 WHERE key = $1)";

constexpr db::Sql select_resendable = R"(
    SELECT key FROM contact_messages WHERE id = $1 AND delivery <> 'pending')";
constexpr db::Sql select_failed = "SELECT key FROM contact_messages WHERE delivery = 'failed'";
// Sent ones are mailed once more, because somebody asks for it.
constexpr db::Sql update_pending = R"(
    UPDATE contact_messages
    SET delivery = 'pending', attempts = 0, next_attempt_at = $2, last_error = NULL,
        mailed_at = CASE WHEN delivery = 'failed' THEN mailed_at END,
        called_at = CASE WHEN delivery = 'failed' THEN called_at END
    WHERE key = $1 AND delivery <> 'pending')";

db::Value text_or_null(const std::string& text) {
    if (text.empty()) return db::Null{};
    return text;
}

ContactRow read_row(const db::Values& row) {
    ContactRow read{.id = db::integer(row[0]),
                    .name = db::text(row[1]),
                    .email = db::text(row[2]),
                    .subject = text_or_empty(row[3]),
                    .message = db::text(row[4]),
                    .delivery = db::text(row[5]),
                    .attempts = db::integer(row[6]),
                    .created_at_ms = db::integer(row[7]),
                    .next_attempt_at_ms = std::nullopt,
                    .last_error = text_or_empty(row[9])};
    if (!db::is_null(row[8])) read.next_attempt_at_ms = db::integer(row[8]);
    return read;
}

// Its old job begins again if that was given up; else it gets a new one.
core::Task<bool> resend_one(db::Database& database, std::string key, core::Time now) {
    db::Transaction transaction = co_await database.begin();
    const db::Rows message = co_await transaction.run(update_pending, key, core::to_ms(now));
    if (message.changed == 0) co_return false;
    const db::Rows revived = co_await transaction.run(jobs::retry(forward_kind, key, now));
    if (revived.changed == 0) co_await transaction.run(jobs::enqueue(forward_kind, key, now));
    co_await transaction.commit();
    co_return true;
}

}  // namespace

// The job of a message that turns out to be a repeated one finds no message of its key, and ends.
core::Task<StoredContact> store_contact(db::Database& database, NewContact message,
                                        core::Time now) {
    const std::int64_t now_ms = core::to_ms(now);
    db::Value next = db::Null{};
    if (message.is_forwarded) next = now_ms;
    std::vector<db::Statement> steps;
    steps.push_back(db::statement(forget_deleted, message.digest));
    steps.push_back(db::statement(claim_digest, message.digest, message.key, now_ms,
                                  core::to_ms(now - same_message_for)));
    steps.push_back(db::statement(insert_message, message.digest, message.key, message.name,
                                  message.email, text_or_null(message.subject), message.message,
                                  message.caller_email, message.ip_hash, now_ms,
                                  message.is_forwarded ? "pending" : "disabled", std::move(next)));
    steps.push_back(db::statement(select_of_digest, message.digest));
    if (message.is_forwarded) steps.push_back(jobs::enqueue(forward_kind, message.key, now));
    const std::vector<db::Rows> gave = co_await database.write_all(std::move(steps));
    const db::Rows& stored = gave.at(3);
    // Deleted between two steps of this transaction, which PostgreSQL lets happen.
    if (stored.empty()) throw core::Unavailable("the message that this one repeats was deleted");
    const db::Values& row = stored[0];
    co_return StoredContact{.id = db::integer(row[0]), .created_at_ms = db::integer(row[1])};
}

core::Task<std::int64_t> next_contact_id(db::Database& database) {
    const db::Rows rows = co_await database.read(select_next_id);
    co_return db::integer(rows[0][0]);
}

core::Task<> forget_old_digests(db::Database& database, core::Time now) {
    co_await database.write(delete_old_digests, core::to_ms(now - same_message_for));
}

core::Task<std::vector<ContactRow>> list_contacts(db::Database& database, ContactFilter filter) {
    const db::Rows rows =
        co_await database.read(select_messages, std::move(filter.delivery), filter.limit);
    std::vector<ContactRow> messages;
    for (const db::Values& row : rows.rows) messages.push_back(read_row(row));
    co_return messages;
}

core::Task<ContactCounts> count_contacts(db::Database& database) {
    const db::Rows rows = co_await database.read(count_messages);
    ContactCounts counts;
    for (const db::Values& row : rows.rows) {
        const std::string& delivery = db::text(row[0]);
        if (delivery == "pending") counts.pending = db::integer(row[1]);
        if (delivery == "sent") counts.sent = db::integer(row[1]);
        if (delivery == "failed") counts.failed = db::integer(row[1]);
        if (delivery == "disabled") counts.disabled = db::integer(row[1]);
    }
    co_return counts;
}

core::Task<std::int64_t> resend_contacts(db::Database& database, std::optional<std::int64_t> id,
                                         core::Time now) {
    db::Rows rows;
    if (id) {
        rows = co_await database.read(select_resendable, *id);
    } else {
        rows = co_await database.read(select_failed);
    }
    std::int64_t queued = 0;
    for (const db::Values& row : rows.rows) {
        const bool was_queued = co_await resend_one(database, db::text(row[0]), now);
        queued += was_queued ? 1 : 0;
    }
    co_return queued;
}

core::Task<std::optional<Forwarding>> find_contact(db::Database& database, std::string key) {
    const db::Rows rows = co_await database.read(select_message, std::move(key));
    if (rows.empty()) co_return std::nullopt;
    co_return Forwarding{.row = read_row(rows[0]),
                         .is_mailed = !db::is_null(rows[0][10]),
                         .is_called = !db::is_null(rows[0][11])};
}

core::Task<> note_mailed(db::Database& database, std::string key, core::Time now) {
    co_await database.write(update_mailed, std::move(key), core::to_ms(now));
}

core::Task<> note_called(db::Database& database, std::string key, core::Time now) {
    co_await database.write(update_called, std::move(key), core::to_ms(now));
}

core::Task<> note_sent(db::Database& database, std::string key, int attempts) {
    co_await database.write(update_sent, std::move(key), attempts);
}

core::Task<> note_failed(db::Database& database, std::string key, Failed failed) {
    db::Value next = db::Null{};
    if (failed.next) next = core::to_ms(*failed.next);
    co_await database.write(update_failed, std::move(key), failed.next ? "pending" : "failed",
                            failed.attempts, std::move(next), std::move(failed.why));
}

}  // namespace souk::store
