#include "fuzz/support/premises.h"

#include "fuzz/support/connection.h"
#include "fuzz/support/property.h"
#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <fcntl.h>
#include <utility>

namespace souk::fuzz {

Premises::Premises() {
    log::start({.format = log::Format::json, .descriptor = ::open("/dev/null", O_WRONLY)});
}

Premises::~Premises() { log::stop(); }

void Premises::wait(core::Task<> task) {
    bool is_done = false;
    context.restart();
    boost::asio::co_spawn(context, std::move(task), [&](const std::exception_ptr& failure) {
        is_done = true;
        if (failure) std::rethrow_exception(failure);
    });
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_done) must(context.run_one_until(deadline) > 0, "what is waited for comes in time");
}

}  // namespace souk::fuzz
