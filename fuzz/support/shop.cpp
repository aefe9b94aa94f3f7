#include "fuzz/support/shop.h"

#include "flash/schema.h"
#include "fuzz/support/connection.h"
#include "fuzz/support/premises.h"
#include "platform/testing/seeded_random.h"
#include "services/flash/gate_memory.h"
#include "services/flash/http.h"
#include "services/flash/tests/memory_log.h"
#include "web/waiting_room_page.h"

#include <chrono>

namespace souk::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t listeners_max = 8;

struct Database : Premises {
    Database() : rows(db::open({.file = folder.path() / "flash.db"})) { wait(prepare(*this)); }

    static core::Task<> prepare(Database& database) {
        co_await database.rows->migrate(flash::migrations());
        flash::Store store(*database.rows, database.clock);
        co_await store.open_sale("phone", units_for_sale);
    }

    std::unique_ptr<db::Database> rows;
};

Database& database() {
    static Database opened;
    return opened;
}

constexpr http::ServerLimits small_limits() {
    http::ServerLimits limits;
    limits.header_bytes_max = 1'024;
    limits.target_bytes_max = 256;
    limits.hot_log_every = 1;
    return limits;
}

}  // namespace

class Shop::Implementation {
public:
    Implementation() : lane_(std::make_shared<http::Lane>(context_, shared_, random_)) {
        log_.start(hand_over_);
        gate_.open_sale({"phone", 1, units_for_sale});
        operations_.open_for_orders(1);
        events_.update();
        lane_->start();  // its sweep ends a connection that waits for a client's close in vain
    }
    ~Implementation() { lane_->stop(); }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    std::string send(std::string_view bytes, std::size_t piece_bytes) {
        return converse({context_, lane_, mount_, [this] { events_.update(); },
                         [this] { clock_.advance(10s); }},
                        bytes, piece_bytes);
    }

private:
    boost::asio::io_context& context_ = database().context;
    testing::FixedClock clock_;
    testing::SeededRandom random_;
    metrics::Registry registry_;
    flash::Metrics counters_{registry_};
    flash::Store store_{*database().rows, clock_};
    flash::MemoryGate gate_{60s, clock_, random_};
    flash::MemoryLog log_;
    flash::Backlog backlog_{1'000};
    flash::Limiter limiter_{0, clock_};
    flash::Events events_{gate_};
    flash::HandOver hand_over_{
        {gate_, log_, backlog_, counters_, clock_, &events_},
        patience
    };
    flash::Operations operations_{
        {gate_, log_, backlog_, hand_over_, store_, limiter_, counters_, clock_, random_, &events_},
        {1'000'000, 0s}
    };
    flash::EventsDesks desks_{
        {events_, operations_, clock_},
        listeners_max
    };
    flash::Wiring wiring_{
        operations_, [] { return std::string(); }, [this] { return registry_.text(); },
        "",          "http://localhost:4000",      {"https://shop.example"},
        &desks_};
    flash::WaitingRoom page_{
        {operations_, random_, web::waiting_room_page  },
        {"",          3'000,   {"https://shop.example"}}
    };
    core::Loops no_loops_;
    std::shared_ptr<http::Shared> shared_ = std::make_shared<http::Shared>(
        http::Server::Parts{no_loops_, clock_, random_, registry_}, small_limits());
    std::shared_ptr<http::Lane> lane_;
    std::shared_ptr<const http::Mount> mount_ = std::make_shared<const http::Mount>(
        std::vector<http::Room>{flash::api_room(wiring_), flash::waiting_room(page_, wiring_)},
        registry_, 1);
};

Shop::Shop() : implementation_(std::make_unique<Implementation>()) {}
Shop::~Shop() = default;

std::string Shop::send(std::string_view bytes, std::size_t piece_bytes) {
    return implementation_->send(bytes, piece_bytes);
}

}  // namespace souk::fuzz
