// What is asked of a libSQL server: the requests of a pipeline, as JSON (Hrana over HTTP).
#pragma once

#include "platform/db/sql.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace souk::db::libsql {

// Those with values throw Refused for what cannot be stored or said: text with a zero byte or that
// is not UTF-8, a number that is not finite.
boost::json::object execute(std::string_view sql, const Values& values = {});
boost::json::object sequence(std::string_view text);  // any number of statements without parameters
boost::json::object close();

// Statements that are sent at once, of which each is carried out only if the one before it was.
class Batch {
public:
    // Gives the number of the step.
    std::size_t add(std::string_view sql, const Values& values = {});

    // To be carried out if that step was not.
    void otherwise(std::size_t step, std::string_view sql);

    boost::json::object request() const;
    std::string_view sql(std::size_t step) const { return texts_[step]; }
    std::size_t size() const { return texts_.size(); }

private:
    boost::json::array steps_;
    std::vector<std::string_view> texts_;  // of statements that live longer than this
};

// The first steps of every transaction. SQLite looks at foreign keys only for who asks for it, as
// our own connections to it do.
std::size_t add_begin(Batch& batch);  // gives the number of BEGIN

}  // namespace souk::db::libsql
