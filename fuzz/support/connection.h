// One end of a socket pair for the server's own session, the other for the input: what goes in
// takes every step a request takes, without a port and without a server's threads.
#pragma once

#include "platform/http/lane.h"
#include "platform/http/session.h"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace souk::fuzz {

inline constexpr std::chrono::seconds patience{20};  // for one connection; longer is a hang

struct Served {
    boost::asio::io_context& context;
    std::shared_ptr<http::Lane> lane;
    std::shared_ptr<const http::Mount> mount;
    std::function<void()> turn = {};       // what the room does beside its loop, now and then
    std::function<void()> pass_time = {};  // as long as the server waits for a client at most
};

// What a client gets that sends these bytes in pieces of this size, and then nothing more. Time
// passes once, if the connection does not end by itself then.
std::string converse(const Served& by, std::string_view bytes, std::size_t piece_bytes);

}  // namespace souk::fuzz
