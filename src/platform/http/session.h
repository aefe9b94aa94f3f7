// One connection: a coroutine that reads requests, has them answered and writes the answers, in
// order, until either side ends it. It never leaves its loop.
#pragma once

#include "platform/core/error.h"
#include "platform/http/buffer.h"
#include "platform/http/lane.h"
#include "platform/http/observe.h"
#include "platform/http/parser.h"
#include "platform/http/response.h"
#include "platform/http/router.h"
#include "platform/http/transport.h"
#include "platform/http/upgrade.h"

#include <array>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::http {

// A listener's rooms, ready to answer.
struct Mount {
    Mount(std::vector<Room> given, metrics::Registry& registry, int hot_log_every,
          std::optional<Capacity> own_capacity = {})
        : rooms(std::move(given)),
          router(rooms),
          observer(registry, router, hot_log_every),
          own_crowd(own_capacity ? std::make_unique<Crowd>(*own_capacity) : nullptr) {}

    // Whom the listener's clients count among.
    Crowd& crowd(Shared& shared) const { return own_crowd ? *own_crowd : shared.crowd; }

    const std::vector<Room> rooms;
    const Router router;
    const Observer observer;
    const std::unique_ptr<Crowd> own_crowd;
};

class Session final : public Sweepable {
public:
    Session(std::shared_ptr<Lane> lane, std::shared_ptr<const Mount> mount, Transport transport,
            const Address& peer);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    core::Task<> run();

    // After run(): what goes on as another protocol; null when the connection has ended.
    std::unique_ptr<Upgrade> take_upgrade();

    void check_deadline(core::Instant now) override;
    void begin_drain() override;
    void cut_off() override;

private:
    enum class Activity { idle, reading_head, reading_body, handling, writing, lingering };

    // session.cpp: the connection
    bool ready_to_read();
    void arrived(std::size_t count, const Transport::Code& error);
    void last_read();
    bool flush_now();
    core::Task<> flush();
    core::Task<> linger();
    std::string_view next_piece() const { return output_.empty() ? tail_ : output_.view(); }
    void sent(std::size_t count);
    void lost();

    // session_request.cpp: one request
    void begin_request();
    bool answered_without_handler();
    bool must_send_first() const;
    void refuse_head(const core::Error& error);
    std::optional<core::Error> admit();
    std::optional<core::Error> admit_body();
    Response refuse();
    void respond(const Response& response);
    void leave_http(const Response& response);
    void end_request();
    void count_in_flight(bool starts);

    // session_body.cpp: its body
    bool take_body_in_place();
    core::Task<> read_body();
    core::Task<> authenticate_early();
    core::Task<> collect_body();
    bool forgets_body() const;
    core::Task<> read_sized_body();
    core::Task<> read_chunked_body();
    core::Task<std::size_t> read_piece(std::span<char> into);
    void refuse_body(core::Fault fault);
    bool grow_body(std::size_t count, std::size_t length_max);
    void free_body();

    const ServerLimits& limits() const { return lane_->shared().limits; }
    core::Instant now() const { return lane_->shared().clock.instant(); }
    void wait_until(Activity activity, core::Instant deadline);

    std::shared_ptr<Lane> lane_;
    std::shared_ptr<const Mount> mount_;
    Crowd& crowd_;
    Transport transport_;
    std::string peer_text_;
    Buffer input_;
    Parser parser_;

    // The answers that have not left yet: output_, then tail_, a long body where it lies.
    Buffer output_;
    std::string_view tail_;
    std::shared_ptr<const void> tail_owner_;
    std::unique_ptr<Upgrade> upgrade_;

    // The request at hand.
    Request request_;
    Router::Match match_;
    PathParameters parameters_;
    Buffer body_;
    std::size_t body_bytes_counted_ = 0;  // of its memory, in the crowd
    std::optional<core::Error> refused_;
    std::size_t used_ = 0;     // bytes of input_ that belong to it
    core::Instant started_;    // its first byte came, or the connection began to wait for it
    core::Instant head_done_;  // the last bytes came

    core::Instant deadline_;
    Activity activity_ = Activity::idle;
    bool peer_trusted_ = false;
    bool over_limit_ = false;     // more connections than allowed: one refusal, then the end
    bool fresh_ = true;           // nothing was asked yet
    bool in_flight_ = false;      // counted as such
    bool too_many_ = false;       // in flight, when this one came
    bool authenticated_ = false;  // before the body was read
    bool preflight_ = false;
    bool about_server_ = false;  // OPTIONS *
    bool expired_ = false;       // the sweep has ended a wait
    bool close_after_ =
        false;  // the input cannot be trusted or was not read: end after this answer
    bool closing_ = false;

    std::array<std::byte, 1'024> memory_;
    std::pmr::monotonic_buffer_resource arena_;
};

}  // namespace souk::http
