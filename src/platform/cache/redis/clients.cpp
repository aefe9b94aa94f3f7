#include "platform/cache/redis/clients.h"

#include "platform/log/log.h"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace souk::cache::on_redis {

namespace asio = boost::asio;

// The clients of one loop, of as many caches as it asks. Ends with the loop.
class Clients::OfLoop final : public asio::execution_context::service {
public:
    inline static asio::execution_context::id id;

    explicit OfLoop(asio::io_context& loop) : service(loop), loop_(loop) {}

    Client* find(const Clients& clients) const {
        for (const Entry& entry : entries_) {
            if (entry.clients.get() == &clients) return entry.client.get();
        }
        return nullptr;
    }

    void keep(std::shared_ptr<Clients> clients, std::shared_ptr<Client> client) {
        entries_.push_back({std::move(clients), std::move(client)});
    }

    void close(const Clients& clients) {
        const auto found = std::ranges::find(
            entries_, &clients, [](const Entry& entry) { return entry.clients.get(); });
        if (found == entries_.end()) return;
        const Entry closing = std::move(*found);
        entries_.erase(found);
        closing.client->close();
    }

private:
    struct Entry {
        std::shared_ptr<Clients> clients;
        std::shared_ptr<Client> client;
    };

    // The loop is being destroyed, by whoever owns it.
    void shutdown() override {
        for (const Entry& entry : std::exchange(entries_, {})) {
            const std::lock_guard lock(entry.clients->mutex_);
            entry.clients->loops_.erase(&loop_);
            entry.client->abandon();
        }
    }

    asio::io_context& loop_;
    std::vector<Entry> entries_;
};

core::Task<std::optional<Reply>> Clients::ask(std::shared_ptr<Clients> clients, Command command) {
    Server& server = *clients->server_;
    if (!server.circuit.may_ask()) co_return std::nullopt;
    const core::Executor executor = co_await asio::this_coro::executor;
    Client* const client = clients->of(executor.context());
    Link* const link = client == nullptr ? nullptr : client->link();
    if (link == nullptr) co_return std::nullopt;

    Outcome outcome = co_await link->ask(std::move(command));

    using Kind = Outcome::Kind;
    const bool has_failed = outcome.kind == Kind::late || outcome.kind == Kind::lost;
    if (has_failed) server.circuit.note_failure();
    if (outcome.kind == Kind::late && server.circuit.may_complain())
        log::warn("cache", server.description + " does not answer in time");
    if (outcome.kind != Kind::answered) co_return std::nullopt;
    if (outcome.reply.kind != Reply::Kind::error) co_return std::move(outcome.reply);
    if (server.circuit.may_complain())
        log::warn("cache", server.description + " refuses",
                  {
                      {"error", outcome.reply.text}
        });
    co_return std::nullopt;
}

Client* Clients::of(asio::io_context& loop) {
    const OfLoop& here = asio::use_service<OfLoop>(loop);
    if (Client* const client = here.find(*this)) return client;
    open(loop, {});
    return here.find(*this);
}

void Clients::open(asio::io_context& loop, std::function<void()> connected) {
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_) return;
        loops_.insert(&loop);
    }
    auto client = std::make_shared<Client>(loop, server_, std::move(connected));
    client->start();
    asio::use_service<OfLoop>(loop).keep(shared_from_this(), std::move(client));
}

void Clients::close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    // A loop that is about to be destroyed waits for the lock before it is.
    for (asio::io_context* const loop : loops_) {
        asio::post(*loop, [self = shared_from_this(), loop] {
            asio::use_service<OfLoop>(*loop).close(*self);
        });
    }
}

}  // namespace souk::cache::on_redis
