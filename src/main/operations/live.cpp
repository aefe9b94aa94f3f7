#include "main/operations/live.h"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <optional>

namespace souk::operations {
namespace {

constexpr std::size_t watchers_max = 32;  // people who run a shop, not its customers

void tell(ws::Peer& peer, std::string text) {
    if (!peer.send(std::move(text))) peer.close(ws::CloseCode::try_again_later, "too slow");
}

}  // namespace

http::Upgraded Live::handler() {
    return ws::handled_by([this](std::shared_ptr<ws::Peer> peer,
                                 const http::Request&) { return serve(std::move(peer)); },
                          {.message_bytes_max = 1'024, .queue_bytes_max = 2'097'152});
}

core::Task<> Live::serve(std::shared_ptr<ws::Peer> peer) {
    if (!add(peer)) {
        peer->close(ws::CloseCode::try_again_later, "too many watch already");
        co_return;
    }
    std::optional<std::string> said;
    do {
        said = co_await peer->receive();  // nothing a watcher says means anything
    } while (said);
}

// What is told from another thread is posted behind this, so the histories follow each other.
bool Live::add(const std::shared_ptr<ws::Peer>& peer) {
    std::uint64_t tick = 0;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(watchers_, [](const auto& each) { return each.second.expired(); });
        if (watchers_.size() >= watchers_max) return false;
        watchers_.emplace_back(peer->executor(), peer);
        tick = tick_;
    }
    tell(*peer, write_({.last = tick}));
    return true;
}

void Live::tell_all(std::uint64_t tick) {
    std::uint64_t told = 0;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(watchers_, [](const auto& each) { return each.second.expired(); });
        told = tick_;
        if (watchers_.empty()) {
            tick_ = tick;
            return;
        }
    }
    const auto text = std::make_shared<const std::string>(write_({.after = told, .last = tick}));
    const std::lock_guard lock(mutex_);
    tick_ = tick;
    for (const auto& [executor, each] : watchers_) {
        boost::asio::post(executor, [watcher = each, text] {
            if (const std::shared_ptr<ws::Peer> found = watcher.lock()) tell(*found, *text);
        });
    }
}

}  // namespace souk::operations
