// A way to PostgreSQL that breaks between a result and the sync behind it, as when the server dies
// there: the client has seen the result, and the server has not come to the end of the transaction.
#pragma once

#include "platform/net/tests/loop_server.h"

#include <atomic>

namespace souk::db {

class BrokenWay {
public:
    explicit BrokenWay(int server_port) : server_port_(server_port) {}

    int port() const { return way_.port(); }

    // From now on the server is not told of syncs, and after so many results the way breaks; then
    // it is whole again.
    void break_after(int results) { results_left_ = results; }
    int breaks() const { return breaks_; }

private:
    core::Task<> talk(net::Wire& client);
    core::Task<> pass_questions(net::Wire& client, net::Wire& server);
    core::Task<> pass_results(net::Wire& server, net::Wire& client);

    const int server_port_;
    std::atomic<int> results_left_{0};  // 0: it does not break
    std::atomic<int> breaks_{0};
    net::LoopServer way_{[this](net::Wire& client) { return talk(client); }};
};

}  // namespace souk::db
