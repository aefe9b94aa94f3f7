#include "main/services/flash.h"

#include "main/databases.h"
#include "main/operations/flash/flash_panel.h"
#include "platform/http/openapi.h"
#include "services/flash/service.h"

#include <utility>

namespace souk {
namespace {

std::vector<operations::Dependency> dependencies(const flash::Service& flash) {
    std::vector<operations::Dependency> all;
    for (const flash::Component& each : flash.components())
        all.push_back({each.name, each.is_up, each.detail});
    return all;
}

class HostedFlash final : public Hosted {
public:
    HostedFlash(const Config& config, const Common& common)
        : address_(config.address),
          port_(config.flash.port),
          waiting_room_port_(config.flash.waiting_room_port),
          rows_(open_flash(config, &common.metrics)),
          service_(config.flash,
                   {*rows_, common.background, common.clock, common.random, common.metrics}) {}

    operations::ServiceRow row() override {
        const http::Room orders = api();
        const http::Room waiting = waiting_room();
        return {
            .name = "flash",
            .listeners = {{orders.listener, address_, port_},
                          {waiting.listener, address_, waiting_room_port_}},
            .dependencies = [this] { return dependencies(service_); },
            .description = http::openapi({.title = "Souk flash",
                          .version = SOUK_VERSION,
                          .summary = "Flash-sale orders with a waiting room"},
                                         {&orders, &waiting}
              ),
            .panel = operations::flash_panel(service_),
            .actions = operations::flash_actions(service_)
        };
    }

    std::vector<http::Listener> listeners() override {
        return {
            {address_, port_,              {api()}         },
            {address_, waiting_room_port_, {waiting_room()}}
        };
    }

    void start() override { service_.start(); }
    bool stop() override { return service_.stop(); }

private:
    http::Room api() {
        http::Room room = service_.api();
        room.listener = "api";
        return room;
    }
    http::Room waiting_room() {
        http::Room room = service_.waiting_room();
        room.listener = "waiting room";
        return room;
    }

    const std::string address_;
    const std::uint16_t port_;
    const std::uint16_t waiting_room_port_;
    const std::unique_ptr<db::Database> rows_;
    flash::Service service_;
};

}  // namespace

std::unique_ptr<Hosted> host_flash(const Config& config, const Common& common) {
    return std::make_unique<HostedFlash>(config, common);
}

}  // namespace souk
