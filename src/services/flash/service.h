// The door of flash: flash-sale orders with a waiting room. See README.md.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/loop.h"
#include "platform/core/random.h"
#include "platform/db/database.h"
#include "platform/http/room.h"
#include "platform/metrics/registry.h"
#include "services/flash/dead_letters.h"
#include "services/flash/panel.h"
#include "services/flash/settings.h"

#include <memory>
#include <string>
#include <vector>

namespace souk::flash {

struct Deps {
    db::Database& database;
    core::Loop& background;  // for the worker
    const core::Clock& clock;
    core::Random& random;
    metrics::Registry& metrics;
};

struct Component {
    std::string name;  // "database"
    bool is_up;
    std::string detail;  // where it is, and when it is down what is the matter
};

class Service {
public:
    // Opens the order log; throws core::Unavailable when that cannot be.
    Service(Config config, Deps deps);
    ~Service();

    http::Room api();
    http::Room waiting_room();

    // Rebuilds the state from disk in the background and then takes orders; until then they get
    // 500.
    void start();

    // After the listeners are gone: settles what was accepted and ends the worker. False when
    // something still waits for the database: then the object must not be destroyed any more.
    bool stop();

    std::vector<Component> components() const;

    // On the loop of the caller; both throw core::Unavailable while the room is not ready.
    core::Task<Retried> retry_dead_letter(std::int64_t position);
    core::Task<core::Result<>> start_sale(std::string product_id, std::int64_t quantity);

    Panel& panel();

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::flash
