// Where a libSQL server is: libsql://host (which means HTTPS), https://host:port or
// http://host:port.
#pragma once

#include <string>
#include <string_view>

namespace souk::db::libsql {

bool is_address(std::string_view text);  // by its scheme

struct Address {
    std::string url;   // https://host:port, without a slash at its end
    std::string host;  // host:port, for people
};

// Throws std::invalid_argument, which repeats nothing of the text: it may hold a secret.
Address parse(std::string_view text);

}  // namespace souk::db::libsql
