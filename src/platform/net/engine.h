// One thread that carries transfers out with libcurl's multi interface, and answers coroutines on
// their own loops. The thread begins with the first transfer.
#pragma once

#include "platform/core/reply.h"
#include "platform/core/task.h"
#include "platform/net/transfer.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace souk::net {

class Engine {
public:
    Engine(std::string name, std::size_t under_way_max);
    ~Engine();  // what is under way is answered with core::Unavailable
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // From any loop. Afterwards the transfer is the caller's alone. Throws core::Unavailable at
    // once when under_way_max are under way.
    core::Task<CURLcode> run(std::shared_ptr<Transfer> transfer);

    // Tells callbacks that the engine is being destroyed.
    std::stop_token stop_token() const { return stop_.get_token(); }

private:
    struct UnderWay {
        std::shared_ptr<Transfer> transfer;
        core::Reply<CURLcode> reply;
    };
    struct Free {
        void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
    };

    void hand_over(UnderWay one);  // any thread; the rest is the thread's own
    void work();
    void begin();
    void settle();
    UnderWay release(CURL* handle);
    void fail_all(const char* why);

    const std::string name_;
    const std::size_t under_way_max_;
    const std::unique_ptr<CURLM, Free> multi_;
    std::stop_source stop_;
    std::unordered_map<CURL*, UnderWay> under_way_;

    std::mutex mutex_;  // guards what follows
    std::vector<UnderWay> handed_over_;
    std::size_t count_ = 0;  // handed over or under way
    std::thread thread_;
};

}  // namespace souk::net
