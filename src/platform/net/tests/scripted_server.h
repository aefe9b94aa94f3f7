// A server on loopback that takes one connection, reads one request and answers with given bytes.
#pragma once

#include <future>
#include <memory>
#include <string>

namespace souk::net {

struct Script {
    std::string answer;            // said once the request is there
    bool is_silent_after = false;  // holds the connection until the client has gone
};

class ScriptedServer {
public:
    explicit ScriptedServer(Script script);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    std::string url() const;  // "http://127.0.0.1:PORT"

    // What was asked, head and body. Waits for the end of the connection.
    std::string request();

private:
    class Listening;
    std::unique_ptr<Listening> listening_;
    std::future<std::string> request_;
};

// The address of a port nobody listens on.
std::string nobodys_url();

}  // namespace souk::net
