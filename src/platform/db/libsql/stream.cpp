#include "platform/db/libsql/stream.h"

#include "platform/core/error.h"

#include <boost/json/serialize.hpp>

#include <utility>

namespace souk::db::libsql {

core::Task<std::vector<Result>> Stream::ask(const boost::json::array& requests,
                                            std::chrono::milliseconds patience) {
    if (is_over_) throw core::Unavailable("libSQL: this stream is closed");
    boost::json::object pipeline{
        {"baton",    nullptr },
        {"requests", requests}
    };
    if (baton_) pipeline["baton"] = *std::exchange(baton_, std::nullopt);  // for one use
    is_over_ = true;
    const std::string body =
        co_await server_.post(url_, boost::json::serialize(pipeline), patience, once_);
    Answer answer = read_answer(body);
    if (answer.results.size() != requests.size())
        throw core::Unavailable("libSQL: an answer that is not understood: results are missing");
    if (answer.baton && answer.base_url) follow(*answer.base_url);
    baton_ = std::move(answer.baton);
    is_over_ = !baton_.has_value();
    co_return std::move(answer.results);
}

// The token goes where the server sends us, but never in the clear when it was told in secret.
void Stream::follow(const std::string& url) {
    const bool is_secret = server_.address().url.starts_with("https://");
    if (!url.starts_with("https://") && (is_secret || !url.starts_with("http://")))
        throw core::Unavailable("libSQL: the server sends us to an address that is not safe");
    url_ = url;
    while (url_.ends_with('/')) url_.pop_back();
}

}  // namespace souk::db::libsql
