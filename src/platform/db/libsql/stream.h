// One stream of a libSQL server, which is one connection to the database behind it: HTTP calls held
// together by batons, one after the other.
#pragma once

#include "platform/db/libsql/answer.h"
#include "platform/db/libsql/server.h"

#include <boost/json/array.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace souk::db::libsql {

class Stream {
public:
    explicit Stream(Server& server) : server_(server), url_(server.address().url) {}

    // What is asked only reads, so it may be carried out twice when a connection is lost.
    void only_read() { once_ = false; }

    // One trip; gives one result for each request. Throws core::Unavailable when there is no answer
    // or it is not understood: what was asked may have been carried out, and the stream is over.
    // What a stream leaves open the server ends by itself, after about 10 s.
    core::Task<std::vector<Result>> ask(const boost::json::array& requests,
                                        std::chrono::milliseconds patience);

    bool is_open() const { return baton_.has_value(); }  // on the server, as far as we know

private:
    void follow(const std::string& url);

    Server& server_;
    std::string url_;
    std::optional<std::string> baton_;
    bool once_ = true;
    bool is_over_ = false;
};

}  // namespace souk::db::libsql
