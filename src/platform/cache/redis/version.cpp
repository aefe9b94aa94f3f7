// Asks a server which Redis it is, over a connection for this one question.
#include "platform/cache/open.h"
#include "platform/cache/redis/link.h"
#include "platform/core/error.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <string_view>

namespace souk::cache {
namespace {

// Out of lines such as "redis_version:7.0.15".
std::string version_in(std::string_view info) {
    constexpr std::string_view name = "redis_version:";
    const std::size_t at = info.find(name);
    if (at == std::string_view::npos) throw core::Unavailable("it does not say its version");
    const std::string_view rest = info.substr(at + name.size());
    return std::string(rest.substr(0, rest.find_first_of("\r\n")));
}

core::Task<std::string> ask_version(std::shared_ptr<on_redis::Link> link) {
    co_await link->open();
    const on_redis::Reply info = co_await link->ask_alone({
        {"INFO", "server"},
        on_redis::is_text
    });
    link->close("asked");
    co_return version_in(info.text);
}

}  // namespace

std::string redis_version(const RedisAddress& address, std::chrono::milliseconds patience) {
    boost::asio::io_context context;
    const core::SystemClock clock;
    const on_redis::Patience patient{
        .link = {.connect = patience, .silence = patience}
    };
    const auto link = std::make_shared<on_redis::Link>(
        context, std::make_shared<const on_redis::Server>(address, clock, patient));
    std::future<std::string> version =
        boost::asio::co_spawn(context, ask_version(link), boost::asio::use_future);
    context.run();
    link->close("asked");
    return version.get();
}

}  // namespace souk::cache
