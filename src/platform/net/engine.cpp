#include "platform/net/engine.h"

#include "platform/net/call.h"

#include <pthread.h>
#include <system_error>
#include <utility>

namespace souk::net {
namespace {

constexpr int look_again_ms = 60'000;  // libcurl wakes earlier for its own deadlines
constexpr long idle_connections_max = 64;

struct NoPlace {
    std::exception_ptr exception() const {
        return std::make_exception_ptr(NotSent("too many requests are under way"));
    }
};

struct Failure {
    std::string why;
    std::exception_ptr exception() const { return std::make_exception_ptr(core::Unavailable(why)); }
};

}  // namespace

Engine::Engine(std::string name, std::size_t under_way_max)
    : name_(std::move(name)), under_way_max_(under_way_max), multi_(curl_multi_init()) {
    if (!multi_) throw core::Unavailable("libcurl cannot be started");
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, idle_connections_max);
}

Engine::~Engine() {
    stop_.request_stop();
    curl_multi_wakeup(multi_.get());
    if (thread_.joinable()) thread_.join();
}

core::Task<CURLcode> Engine::run(std::shared_ptr<Transfer> transfer) {
    return core::await_reply<CURLcode>(
        [this, transfer = std::move(transfer)](core::Reply<CURLcode> reply) mutable {
            hand_over({std::move(transfer), std::move(reply)});
        });
}

void Engine::hand_over(UnderWay one) {
    const std::lock_guard lock(mutex_);
    if (count_ >= under_way_max_) return one.reply.fail(NoPlace{});
    try {
        if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
    } catch (const std::system_error& failure) {
        return one.reply.fail(Failure{std::string("no thread can be started: ") + failure.what()});
    }
    ++count_;
    handed_over_.push_back(std::move(one));
    curl_multi_wakeup(multi_.get());
}

void Engine::work() {
    ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
    while (!stop_.stop_requested()) {
        begin();
        int running = 0;
        CURLMcode code = curl_multi_perform(multi_.get(), &running);
        settle();
        if (code == CURLM_OK)
            code = curl_multi_poll(multi_.get(), nullptr, 0, look_again_ms, nullptr);
        if (code != CURLM_OK) fail_all(curl_multi_strerror(code));
    }
    begin();  // so that these are told as well
    fail_all("the network client was closed");
}

void Engine::begin() {
    std::vector<UnderWay> fresh;
    {
        const std::lock_guard lock(mutex_);
        fresh.swap(handed_over_);
    }
    for (UnderWay& one : fresh) {
        CURL* const handle = one.transfer->handle();
        under_way_.emplace(handle, std::move(one));
        const CURLMcode code = curl_multi_add_handle(multi_.get(), handle);
        if (code != CURLM_OK) release(handle).reply.fail(Failure{curl_multi_strerror(code)});
    }
}

void Engine::settle() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;  // gone with the handle
        release(message->easy_handle).reply.give(code);
    }
}

// The transfer is let go of before its owner hears of the end.
Engine::UnderWay Engine::release(CURL* handle) {
    curl_multi_remove_handle(multi_.get(), handle);
    UnderWay one = std::move(under_way_.extract(handle).mapped());
    one.transfer.reset();
    const std::lock_guard lock(mutex_);
    --count_;
    return one;
}

void Engine::fail_all(const char* why) {
    while (!under_way_.empty()) release(under_way_.begin()->first).reply.fail(Failure{why});
}

}  // namespace souk::net
