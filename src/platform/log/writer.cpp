#include "platform/log/writer.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace souk::log {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A descriptor that may be slow, full or gone. Waits for it by poll, so that stopping can end the
// wait.
class Output {
public:
    Output(int descriptor, int patience_ms) : descriptor_(descriptor), patience_ms_(patience_ms) {}

    // From now on a wait ends after the patience, counted once for all lines.
    void lose_patience() {
        const auto until = SteadyClock::now() + std::chrono::milliseconds(patience_ms_);
        deadline_.store(until.time_since_epoch().count(), std::memory_order_release);
    }

    // False when the line, or its end, was lost.
    bool write(std::string_view line) {
        // After a line whose end was lost, the next one begins on a line of its own.
        if (is_inside_line_ && !write_all("\n")) return false;
        return write_all(line);
    }

private:
    bool write_all(std::string_view text) {
        while (!text.empty()) {
            if (!wait()) return false;
            // At most PIPE_BUF, so that after poll even a blocking pipe takes it without waiting.
            const ssize_t wrote =
                ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), 4096));
            if (wrote < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (wrote < 0) return false;
            text.remove_prefix(static_cast<std::size_t>(wrote));
            is_inside_line_ = !text.empty();
        }
        return true;
    }

    bool wait() const {
        constexpr int tick_ms = 50;
        pollfd room{descriptor_, POLLOUT, 0};
        while (::poll(&room, 1, is_late() ? 0 : tick_ms) <= 0) {
            if (is_late()) return false;
        }
        return true;  // or broken: then write says so
    }

    bool is_late() const {
        const SteadyClock::rep until = deadline_.load(std::memory_order_acquire);
        return until != 0 && SteadyClock::now().time_since_epoch().count() >= until;
    }

    const int descriptor_;
    const int patience_ms_;
    bool is_inside_line_ = false;
    std::atomic<SteadyClock::rep> deadline_{0};  // 0: not stopping
};

}  // namespace

class Writer::Implementation {
public:
    explicit Implementation(Options options)
        : options_(std::move(options)),
          output_(options_.descriptor, options_.stop_ms_max),
          pool_(std::make_shared<spdlog::details::thread_pool>(options_.lines_queued_max, 1)),
          logger_(std::make_shared<spdlog::async_logger>(
              "souk", std::make_shared<Sink>(*this), pool_,
              spdlog::async_overflow_policy::overrun_oldest)) {
        logger_->set_error_handler([this](const std::string&) { ++refused_; });
    }

    ~Implementation() { stop(); }

    void write(std::string_view line) {
        const Writing writing(writers_);
        if (stopped_) return write_now(line);
        logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    }

    void stop() {
        std::shared_ptr<spdlog::details::thread_pool> pool;
        {
            const std::lock_guard lock(pool_mutex_);
            if (!pool_) return;
            stopped_ = true;
            overrun_at_stop_ = pool_->overrun_counter();
            pool = std::move(pool_);
        }
        while (writers_ > 0) std::this_thread::yield();  // queueing a line never waits
        output_.lose_patience();
        pool.reset();  // writes what is queued and joins
        tell_of_losses();
    }

    std::uint64_t dropped() const { return overrun() + refused_.load(); }

private:
    // Who is queueing a line: the pool must not end meanwhile.
    class Writing {
    public:
        explicit Writing(std::atomic<int>& count) : count_(count) { ++count_; }
        ~Writing() { --count_; }
        Writing(const Writing&) = delete;
        Writing& operator=(const Writing&) = delete;

    private:
        std::atomic<int>& count_;
    };

    // Runs on the pool's thread.
    class Sink final : public spdlog::sinks::sink {
    public:
        explicit Sink(Implementation& owner) : owner_(owner) {}
        void log(const spdlog::details::log_msg& message) override {
            owner_.tell_of_losses();
            owner_.write_now({message.payload.data(), message.payload.size()});
        }
        void flush() override {}  // nothing is held back
        // The lines come formatted.
        void set_pattern(const std::string&) override {}
        void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

    private:
        Implementation& owner_;
    };

    std::uint64_t overrun() const {
        const std::lock_guard lock(pool_mutex_);
        return pool_ ? pool_->overrun_counter() : overrun_at_stop_;
    }

    void write_now(std::string_view line) {
        const std::lock_guard lock(output_mutex_);
        if (!output_.write(line)) ++refused_;
    }

    void tell_of_losses() {
        const std::uint64_t lost = dropped();
        if (lost == told_) return;
        const std::string notice = options_.loss_notice(lost - told_);
        const std::lock_guard lock(output_mutex_);
        if (output_.write(notice)) told_ = lost;
    }

    const Options options_;
    Output output_;
    std::mutex output_mutex_;
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<int> writers_{0};
    std::atomic<bool> stopped_{false};
    std::uint64_t told_ = 0;  // the pool's thread, and after its end the one that stops
    mutable std::mutex pool_mutex_;
    std::uint64_t overrun_at_stop_ = 0;
    std::shared_ptr<spdlog::details::thread_pool> pool_;
    const std::shared_ptr<spdlog::async_logger> logger_;
};

Writer::Writer(Options options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}
Writer::~Writer() = default;

void Writer::write(std::string_view line) { implementation_->write(line); }
void Writer::stop() { implementation_->stop(); }
std::uint64_t Writer::dropped() const { return implementation_->dropped(); }

}  // namespace souk::log
