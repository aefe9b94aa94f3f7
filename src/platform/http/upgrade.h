// A connection that leaves HTTP for the WebSocket protocol: what is asked before, and what the
// session hands over. platform/ws takes it from there.
#pragma once

#include "platform/http/lane.h"
#include "platform/http/room.h"
#include "platform/http/transport.h"

#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace souk::http {

// Answers a request for a WebSocket route: 101 with what proves that the key was read, 426 without
// an upgrade or for another version, 403 for a foreign origin. Its texts lie in the request's
// memory.
core::Result<Response> switch_protocols(const Room& room, const Route& route,
                                        const Request& request);

// The refusal of a request that should have been an upgrade, with the headers that say so.
Response refuse_upgrade(const Room& room, const Request& request);

// A request that outlives its session.
class KeptRequest {
public:
    explicit KeptRequest(const Request& request);
    KeptRequest(const KeptRequest&) = delete;
    KeptRequest& operator=(const KeptRequest&) = delete;

    const Request& view() const { return request_; }

private:
    std::span<const Header> keep(std::span<const Header> headers, std::vector<Header>& into);

    std::pmr::monotonic_buffer_resource memory_;
    std::vector<Header> headers_;
    std::vector<Header> path_parameters_;
    Request request_;
};

struct Upgrade {
    Upgrade(std::shared_ptr<Lane> on, std::shared_ptr<const void> of, Crowd& among,
            const Request& asked)
        : lane(std::move(on)), routes(std::move(of)), crowd(among), request(asked) {
        lane->shared().connection_began(crowd);  // its session had room, and ends now
    }
    ~Upgrade() { lane->shared().connection_ended(crowd); }
    Upgrade(const Upgrade&) = delete;
    Upgrade& operator=(const Upgrade&) = delete;

    std::shared_ptr<Lane> lane;
    std::shared_ptr<const void> routes;  // keeps the request's route and the crowd alive
    Crowd& crowd;
    KeptRequest request;
    std::optional<Transport::Socket> socket;
    std::string early;  // bytes that came behind the request
};

}  // namespace souk::http
