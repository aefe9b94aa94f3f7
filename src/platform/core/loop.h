// The event loops of the process: one thread each, and a connection never leaves its loop.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace souk::core {

// One thread that runs one io_context. Work may be posted from any thread.
class Loop {
public:
    explicit Loop(std::string name);
    ~Loop();  // stops and joins
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    boost::asio::io_context& context() { return context_; }
    void stop();  // the thread ends soon; what is not done yet is dropped
    void join();

private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};

using Loops = std::vector<std::unique_ptr<Loop>>;

// `count` 0 means one per CPU this process may use.
Loops make_loops(std::size_t count);

}  // namespace souk::core
