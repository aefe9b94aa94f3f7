// Addresses of databases without the passwords in them, for tables, logs and messages.
#pragma once

#include <string>
#include <string_view>

namespace souk::config {

inline constexpr std::string_view masked = "(hidden)";  // stands for every secret shown

// "postgres://user:(hidden)@host/name?sslpassword=(hidden)": libpq takes a password before the
// host as well as in the query. Where an address is malformed too much is hidden, not too little.
std::string without_password(std::string address);

}  // namespace souk::config
