// Does the drops that are owed, and tries those that fail again until they are done.
#pragma once

#include "platform/cache/redis/clients.h"
#include "platform/cache/redis/debts.h"
#include "platform/core/task.h"

#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace souk::cache::on_redis {

class Sweeper {
public:
    // `context` is run by one thread, and no longer when the sweeper is destroyed.
    Sweeper(boost::asio::io_context& context, std::shared_ptr<Clients> clients,
            std::shared_ptr<Debts> debts);

    void start();
    void poke();  // on the loop: there is something to do, or it may go better now

private:
    core::Task<> run();
    core::Task<bool> pay_all();
    core::Task<bool> sweep(Group group);
    core::Task<bool> remove_keys(std::string prefix);
    core::Task<bool> unlink(std::vector<std::string> keys);
    core::Task<> rest(std::chrono::steady_clock::duration longest);
    void note(bool is_done);

    boost::asio::io_context& context_;
    const std::shared_ptr<Clients> clients_;
    const std::shared_ptr<Debts> debts_;
    boost::asio::steady_timer timer_;
    bool is_poked_ = false;
    bool is_failing_ = false;
};

}  // namespace souk::cache::on_redis
