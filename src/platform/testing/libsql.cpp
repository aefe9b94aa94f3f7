#include "platform/testing/libsql.h"

#include "platform/core/error.h"
#include "platform/net/call.h"
#include "platform/testing/program.h"
#include "platform/testing/temporary_folder.h"

#include <boost/json/parse.hpp>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <sys/wait.h>
#include <system_error>
#include <thread>

namespace souk::testing {
namespace {

constexpr std::chrono::seconds patience{60};

}  // namespace

Libsql& Libsql::shared() {
    static Libsql server;
    return server;
}

Libsql::Libsql() : folder_(make_temporary_folder("souk-libsql")), port_(free_port()) { start(); }

Libsql::~Libsql() {
    if (pid_ != 0) kill();
    std::error_code ignored;  // a temporary folder that stays is no reason to fail
    std::filesystem::remove_all(folder_, ignored);
}

std::string Libsql::address() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::string Libsql::file() const { return folder_ / (std::to_string(files_) + ".db"); }

void Libsql::start() {
    const std::filesystem::path log = folder_ / "server.log";
    pid_ = spawn_program({"setpriv", "--pdeathsig=KILL", "python3", SOUK_LIBSQL_SERVER, file(),
                          "--port", std::to_string(port_)},
                         log);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        try {
            counter("pipelines");
            return;
        } catch (const core::Unavailable&) {
            if (std::chrono::steady_clock::now() > deadline ||
                ::waitpid(pid_, nullptr, WNOHANG) != 0)
                throw std::runtime_error("the libSQL server did not start, see " + log.string());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void Libsql::kill() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

void Libsql::renew() {
    ++files_;
    set(R"({"renew": ")" + file() + R"("})");
}

void Libsql::set(const std::string& switches) { control("POST", switches); }

std::int64_t Libsql::counter(const std::string& name) const {
    return boost::json::parse(control("GET", "")).at(name).to_number<std::int64_t>();
}

std::string Libsql::control(const std::string& method, const std::string& body) const {
    net::Answer answer = net::send({.url = address() + "/control", .method = method, .body = body});
    if (answer.status != 200) throw std::runtime_error("the libSQL server: " + answer.body);
    return std::move(answer.body);
}

}  // namespace souk::testing
