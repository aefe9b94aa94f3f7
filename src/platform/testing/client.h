// Asks a room in process, without sockets: routing, media types, CORS, authentication, the handler
// and the room's errors work as in the server; size limits and deadlines do not apply.
#pragma once

#include "platform/http/room.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::http {

class TestClient {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    struct Call {
        Verb verb = Verb::get;
        std::string target;
        std::string body;  // sent as JSON unless `headers` say otherwise
        Headers headers;
        std::string client_address = "127.0.0.1";
    };

    struct Answer {
        int status = 0;
        std::string content_type;
        std::string body;
        Headers headers;

        // In any case of letters; empty when absent.
        std::string header(std::string_view name) const;
    };

    explicit TestClient(Room room);
    ~TestClient();

    Answer send(Call call);
    Answer get(std::string target, Headers headers = {});
    Answer post(std::string target, std::string body, Headers headers = {});

    // All are started, in this order, before any is waited for.
    std::vector<Answer> send_together(std::vector<Call> calls);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace souk::http
