// Something that listens where Redis should and answers as a test says.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace souk::cache {

class ScriptedRedis {
public:
    // Given what came in one piece, what to send. It says PONG to the PING of every new connection
    // first. One piece after the other, whichever connection they come from.
    using Answer = std::function<std::string(std::string_view)>;
    explicit ScriptedRedis(Answer answer);
    ~ScriptedRedis();
    ScriptedRedis(const ScriptedRedis&) = delete;
    ScriptedRedis& operator=(const ScriptedRedis&) = delete;

    int port() const { return port_; }
    int greeted() const { return greeted_; }          // connections that were said PONG to
    int connections() const { return connections_; }  // which asked something after that
    int closed() const { return closed_; }            // by the other side

private:
    struct Peer {
        int socket;
        int asked = 0;  // its PING counted in
    };

    void run();
    void accept();
    bool talk(Peer& peer);  // false: it has closed

    const Answer answer_;
    int listener_ = -1;
    int port_ = 0;
    std::vector<Peer> peers_;
    std::atomic<int> greeted_ = 0;
    std::atomic<int> connections_ = 0;
    std::atomic<int> closed_ = 0;
    std::atomic<bool> is_stopping_ = false;
    std::thread thread_;
};

}  // namespace souk::cache
