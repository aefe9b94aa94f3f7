// An answer. Its texts are literals, lie in the request's memory, or belong to `owner`.
#pragma once

#include "platform/http/request.h"

#include <boost/container/static_vector.hpp>

#include <memory>
#include <string_view>

namespace souk::http {

inline constexpr std::string_view json_type = "application/json; charset=utf-8";
inline constexpr std::string_view html_type = "text/html; charset=utf-8";
inline constexpr std::string_view text_type = "text/plain; charset=utf-8";

struct Response {
    int status = 200;
    std::string_view content_type;  // empty: no such header
    std::string_view body;
    // Besides Date, Content-Length, Content-Type, Connection and those of CORS. Few, because
    // coroutine frames that hold two answers must stay below the 1,020 bytes that Asio recycles.
    boost::container::static_vector<Header, 8> headers;
    std::shared_ptr<const void> owner;
    bool close = false;     // end the connection after this answer
    bool upgrades = false;  // its Upgrade header is named in Connection (RFC 9110, 7.8)

    Response& with(std::string_view name, std::string_view value) {
        headers.push_back({name, value});
        return *this;
    }
};

}  // namespace souk::http
