#include "main/operations/overview/loop_watch.h"

#include "platform/core/task.h"
#include "platform/log/pauses.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <memory>

namespace souk {
namespace {

// A standstill of the loop is seen short by at most this. Fifty wakes a second cost 0.05 % of a
// CPU.
constexpr std::chrono::milliseconds period{20};

class LoopWatch : public std::enable_shared_from_this<LoopWatch> {
public:
    LoopWatch(core::Loop& loop, const std::string& name, metrics::Registry& metrics)
        : timer_(loop.context().get_executor()),
          lag_(
              metrics.histogram("souk_loop_lag_seconds",
                                "How late the loop comes to a timer, and so to every request on it",
                                {
                                    {"loop", name}
    })),
          pauses_("souk", name + " did not run for {}") {}

    void wait() {
        timer_.expires_after(period);
        timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (error) return;
            self->look();
            self->wait();
        });
    }

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          core::Executor>;

    void look() {
        const auto late = std::chrono::steady_clock::now() - timer_.expiry();
        lag_.observe(late);
        pauses_.note(late);
    }

    Timer timer_;
    metrics::Histogram& lag_;
    log::Pauses pauses_;
};

}  // namespace

void watch_loop(core::Loop& loop, const std::string& name, metrics::Registry& metrics) {
    const auto watch = std::make_shared<LoopWatch>(loop, name, metrics);
    boost::asio::post(loop.context(), [watch] { watch->wait(); });
}

}  // namespace souk
