#include "platform/db/tests/broken_way.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <utility>

namespace souk::db {
namespace {

// PostgreSQL's protocol 3: a letter, four bytes of length that count themselves, and the rest.
// Only the client's first message has no letter.
constexpr std::size_t letter = 1;
constexpr char sync_letter = 'S';
constexpr char result_letter = 'C';
constexpr std::string_view flush("H\0\0\0\4", 5);

core::Task<std::string> read_message(net::Wire& from, std::size_t before_length) {
    std::string message = co_await from.read(before_length + 4);
    std::size_t length = 0;
    for (std::size_t i = before_length; i < message.size(); ++i)
        length = length * 256 + static_cast<unsigned char>(message[i]);
    message += co_await from.read(length - 4);
    co_return message;
}

}  // namespace

core::Task<> BrokenWay::talk(net::Wire& client) {
    using namespace boost::asio::experimental::awaitable_operators;
    using boost::asio::ip::tcp;
    const core::Executor executor = co_await boost::asio::this_coro::executor;
    net::Wire::Socket socket(executor);
    const tcp::endpoint server_endpoint(boost::asio::ip::address_v4::loopback(),
                                        static_cast<std::uint16_t>(server_port_));
    co_await socket.async_connect(server_endpoint, boost::asio::use_awaitable_t<core::Executor>());
    net::Wire server(std::move(socket));
    co_await (pass_questions(client, server) || pass_results(server, client));
}

// Returns when one of the two has gone; so does the other function.
core::Task<> BrokenWay::pass_questions(net::Wire& client, net::Wire& server) {
    try {
        co_await server.say(co_await read_message(client, 0));
        for (;;) {
            std::string message = co_await read_message(client, letter);
            const bool is_kept_back = message[0] == sync_letter && results_left_ > 0;
            co_await server.say(is_kept_back ? std::string(flush) : std::move(message));
        }
    } catch (const boost::system::system_error&) {
        co_return;
    }
}

core::Task<> BrokenWay::pass_results(net::Wire& server, net::Wire& client) {
    try {
        for (;;) {
            std::string message = co_await read_message(server, letter);
            const bool is_result = message[0] == result_letter;
            co_await client.say(std::move(message));
            if (!is_result || results_left_ == 0 || --results_left_ > 0) continue;
            ++breaks_;
            co_return;
        }
    } catch (const boost::system::system_error&) {
        co_return;
    }
}

}  // namespace souk::db
