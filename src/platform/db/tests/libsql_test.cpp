// What only concerns libSQL and needs no server: addresses, what is sent, and answers of every
// kind.
#include "platform/core/error.h"
#include "platform/db/libsql/address.h"
#include "platform/db/libsql/answer.h"
#include "platform/db/libsql/request.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace souk::db::libsql {
namespace {

// The answer to one "execute" whose result is this.
Rows rows_of(const std::string& result) {
    const Answer answer = read_answer(R"({"baton":null,"base_url":null,"results":[{"type":"ok",)"
                                      R"("response":{"type":"execute","result":)" +
                                      result + "}}]}");
    return read_rows(answer.results.at(0).response);
}

Failure::Kind kind_of(const std::string& code, const std::string& message) {
    return Trouble{code, message}.failure("SELECT 1").kind;
}

TEST(Libsql, addresses_become_urls) {
    EXPECT_EQ(parse("libsql://shop-me.turso.io").url, "https://shop-me.turso.io");
    EXPECT_EQ(parse("https://shop.example:8443/").url, "https://shop.example:8443");
    EXPECT_EQ(parse("http://[::1]:8080").url, "http://[::1]:8080");
    EXPECT_EQ(parse("http://127.0.0.1:8080").host, "127.0.0.1:8080");
    EXPECT_FALSE(is_address("postgres://db"));
    EXPECT_THROW(parse("http://"), std::invalid_argument);
    EXPECT_THROW(parse("http://a b"), std::invalid_argument);
}

TEST(Libsql, a_statement_names_its_values_and_sends_integers_as_text) {
    const Values all = values(std::numeric_limits<std::int64_t>::min(), 0.5, "it's", Null());
    EXPECT_EQ(boost::json::serialize(execute("SELECT $4, $1", all)),
              R"({"type":"execute","stmt":{"sql":"SELECT $4, $1","named_args":[)"
              R"({"name":"$1","value":{"type":"integer","value":"-9223372036854775808"}},)"
              R"({"name":"$2","value":{"type":"float","value":5E-1}},)"
              R"({"name":"$3","value":{"type":"text","value":"it's"}},)"
              R"({"name":"$4","value":{"type":"null"}}],"want_rows":true}})");
    EXPECT_THROW(execute("SELECT $1", values("\xFF")), Refused);
    EXPECT_THROW(execute("SELECT $1", values(std::string("a\0b", 3))), Refused);
    EXPECT_THROW(execute("SELECT $1", values(std::numeric_limits<double>::infinity())), Refused);
}

TEST(Libsql, each_step_of_a_batch_waits_for_the_one_before_it) {
    Batch batch;
    const std::size_t begin = add_begin(batch);
    const std::size_t commit = batch.add("COMMIT");
    batch.otherwise(commit, "ROLLBACK");
    const boost::json::object request = batch.request();
    const boost::json::array& steps = request.at("batch").at("steps").as_array();
    ASSERT_EQ(steps.size(), batch.size());
    EXPECT_EQ(steps[begin].at("stmt").at("sql").as_string(), "BEGIN IMMEDIATE");
    EXPECT_EQ(boost::json::serialize(steps[commit].at("condition")), R"({"type":"ok","step":1})");
    EXPECT_EQ(boost::json::serialize(steps[commit + 1].at("condition")),
              R"({"type":"not","cond":{"type":"ok","step":2}})");
}

TEST(Libsql, values_are_read_and_fields_that_are_not_known_are_ignored) {
    const Rows rows = rows_of(
        R"({"cols":[],"rows":[[{"type":"integer","value":"9223372036854775807"},)"
        R"({"type":"float","value":2},{"type":"text","value":"\u20ac"},{"type":"null"}]],)"
        R"("affected_row_count":3,"last_insert_rowid":"12","rows_read":1,"query_duration_ms":0.1})");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0], values(std::numeric_limits<std::int64_t>::max(), 2.0, "\u20ac", Null()));
    EXPECT_EQ(rows.changed, 3);
}

TEST(Libsql, an_answer_that_is_not_understood_is_no_answer) {
    for (const char* body : {"", "<html>", "[]", "{}", R"({"results":{}})", R"({"results":[1]})",
                             R"({"results":[{"type":"ok"}]})", R"({"results":[{"type":"maybe"}]})",
                             R"({"results":[{"type":"error"}]})"}) {
        EXPECT_THROW(read_answer(body), core::Unavailable) << body;
    }
    for (const char* result :
         {"null", "{}", R"({"rows":[],"affected_row_count":"1"})",
          R"({"rows":[1],"affected_row_count":0})", R"({"rows":[[1]],"affected_row_count":0})",
          R"({"rows":[[{"type":"integer","value":1}]],"affected_row_count":0})",
          R"({"rows":[[{"type":"integer","value":"1x"}]],"affected_row_count":0})",
          R"({"rows":[[{"type":"integer","value":"9223372036854775808"}]],"affected_row_count":0})",
          R"({"rows":[[{"type":"float","value":"1"}]],"affected_row_count":0})",
          R"({"rows":[[{"type":"float","value":1e999}]],"affected_row_count":0})",
          R"({"rows":[[{"type":"blob","base64":"AA"}]],"affected_row_count":0})"}) {
        EXPECT_THROW(rows_of(result), core::Unavailable) << result;
    }
    const boost::json::value batch =
        boost::json::parse(R"({"result":{"step_results":[null],"step_errors":[null]}})");
    EXPECT_THROW(read_steps(batch, 2), core::Unavailable);
    EXPECT_THROW(read_steps(batch, 1).first_failed(), core::Unavailable);
    EXPECT_THROW(read_steps(batch, 1).take(0), core::Unavailable);
}

TEST(Libsql, errors_are_told_apart_by_code_or_message) {
    using enum Failure::Kind;
    EXPECT_EQ(kind_of("SQLITE_CONSTRAINT", "UNIQUE constraint failed: thing.name"), refused);
    EXPECT_EQ(kind_of("SQLITE_CONSTRAINT_CHECK", ""), refused);
    EXPECT_EQ(kind_of("", "SQLite error: FOREIGN KEY constraint failed"), refused);
    EXPECT_EQ(kind_of("SQLITE_BUSY", "database is locked"), unavailable);
    EXPECT_EQ(kind_of("SQLITE_READONLY", ""), unavailable);
    EXPECT_EQ(kind_of("BLOCKED", "writes are blocked, the plan's limit is reached"), unavailable);
    EXPECT_EQ(kind_of("SQLITE_ERROR", "no such column: nonsense"), mistake);
    EXPECT_EQ(kind_of("SQL_PARSE_ERROR", ""), mistake);
    EXPECT_EQ(kind_of("", "near \"nonsense\": syntax error"), mistake);
    EXPECT_TRUE((Trouble{"", "SQLite error: database is locked"}.is_busy()));
    EXPECT_FALSE((Trouble{"SQLITE_CONSTRAINT", ""}.is_busy()));
}

}  // namespace
}  // namespace souk::db::libsql
