// What a libSQL server answers. Everything here throws core::Unavailable for an answer that is not
// understood.
#pragma once

#include "platform/db/failure.h"
#include "platform/db/sql.h"

#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::db::libsql {

struct Trouble {
    std::string code;  // may be empty
    std::string message;

    bool is_busy() const;
    Failure failure(std::string_view sql) const;
};

// What became of one request: an error, or the response.
struct Result {
    std::optional<Trouble> trouble;
    boost::json::value response;
};

struct Answer {
    std::optional<std::string> baton;  // none: the stream is closed
    std::optional<std::string> base_url;
    std::vector<Result> results;
};

Answer read_answer(std::string_view body);

Rows read_rows(const boost::json::value& response);  // of "execute"

// Of "batch". A step was carried out, failed, or was left out.
struct Steps {
    std::vector<std::optional<Rows>> done;
    std::vector<std::optional<Trouble>> failed;

    Rows take(std::size_t step);  // what it gave; it must have been carried out
    std::size_t first_failed_at() const;
    const Trouble& first_failed() const { return *failed[first_failed_at()]; }
};
Steps read_steps(const boost::json::value& response, std::size_t count);

}  // namespace souk::db::libsql
