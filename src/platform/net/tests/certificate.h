// A certificate for 127.0.0.1 that nobody but itself vouches for.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <filesystem>

namespace souk::net {

class Certificate {
public:
    Certificate();
    ~Certificate();
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    boost::asio::ssl::context& server() { return server_; }
    const std::filesystem::path& file() const { return file_; }  // PEM

private:
    boost::asio::ssl::context server_{boost::asio::ssl::context::tls_server};
    std::filesystem::path file_;
};

}  // namespace souk::net
