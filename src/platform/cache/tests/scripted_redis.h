// Something that listens where Redis should and answers as a test says.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace souk::cache {

class ScriptedRedis {
public:
    // Given what came in one piece, what to send. It says PONG to the PING of every new connection
    // first.
    using Answer = std::function<std::string(std::string_view)>;
    explicit ScriptedRedis(Answer answer);
    ~ScriptedRedis();
    ScriptedRedis(const ScriptedRedis&) = delete;
    ScriptedRedis& operator=(const ScriptedRedis&) = delete;

    int port() const { return port_; }
    int connections() const { return connections_; }
    int closed() const { return closed_; }  // of them by the other side

private:
    void run();
    void talk(int socket);

    const Answer answer_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> connections_ = 0;
    std::atomic<int> closed_ = 0;
    std::atomic<bool> is_stopping_ = false;
    std::thread thread_;
};

}  // namespace souk::cache
