#include "platform/http/lane.h"

#include "platform/core/task.h"
#include "platform/http/serializer.h"

namespace souk::http {
namespace {

// Deadlines are whole seconds, so they are met within a quarter of one.
constexpr std::chrono::milliseconds sweep_period{250};

}  // namespace

Lane::Lane(boost::asio::io_context& context, std::shared_ptr<Shared> shared, core::Random& random)
    : context_(context), shared_(std::move(shared)), timer_(context.get_executor()), ids_(random) {
    refresh_date();
}

void Lane::start() { wait_for_sweep(); }

void Lane::stop() {
    stopped_ = true;
    timer_.cancel();
}

void Lane::add(Sweepable& session) { sessions_.push_back(session); }

void Lane::wait_for_sweep() {
    timer_.expires_after(sweep_period);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (error || self->stopped_) return;
        self->sweep();
        self->wait_for_sweep();
    });
}

void Lane::sweep() {
    refresh_date();
    const core::Instant now = shared_->clock.instant();
    for (Sweepable& session : sessions_) session.check_deadline(now);
}

void Lane::refresh_date() {
    const std::int64_t second = core::to_ms(shared_->clock.now()) / 1'000;
    if (second == date_second_) return;
    date_second_ = second;
    date_ = date_text(second);
}

void Lane::begin_drain() {
    draining_ = true;
    for (Sweepable& session : sessions_) session.begin_drain();
}

void Lane::cut_off() {
    draining_ = true;
    for (Sweepable& session : sessions_) session.cut_off();
}

}  // namespace souk::http
