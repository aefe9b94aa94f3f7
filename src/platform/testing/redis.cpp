#include "platform/testing/redis.h"

#include "platform/testing/program.h"
#include "platform/testing/temporary_folder.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <pwd.h>
#include <stdexcept>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace souk::testing {
namespace {

constexpr std::chrono::seconds patience{60};

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error("Redis for tests: " + what);
}

void run(const std::vector<std::string>& command, const std::filesystem::path& output) {
    const pid_t pid = spawn_program(command, output);
    if (::waitpid(pid, nullptr, 0) != pid) fail(command.front() + " was lost");
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Redis::Redis(std::vector<std::string> options)
    : options_(std::move(options)),
      folder_(make_temporary_folder("souk-redis")),
      port_(free_port()),
      tls_port_(free_port()) {
    make_certificate();
    const passwd* const user = ::geteuid() == 0 ? ::getpwnam("redis") : nullptr;
    if (user != nullptr && ::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
        fail("chown " + folder_.string());
    start();
}

Redis::~Redis() {
    if (pid_ != 0) kill();
    std::error_code ignored;  // a temporary folder that stays is no reason to fail
    std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path Redis::certificate() const { return folder_ / "certificate.pem"; }

std::string Redis::log() const { return text_of(folder_ / "server.log"); }

void Redis::make_certificate() const {
    const std::filesystem::path key = folder_ / "key.pem";
    run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", key, "-out",
         certificate()},
        folder_ / "openssl.log");
    // Written by whoever runs the tests, read by Redis as its own user.
    std::filesystem::permissions(key, std::filesystem::perms(0644));
}

// Not as root, like a Redis in earnest; and it ends with us.
std::vector<std::string> Redis::as_own_user(std::vector<std::string> command) const {
    std::vector<std::string> words{"setpriv", "--pdeathsig=KILL"};
    if (::geteuid() == 0)
        words.insert(words.end(), {"--reuid=redis", "--regid=redis", "--clear-groups"});
    words.insert(words.end(), command.begin(), command.end());
    return words;
}

void Redis::start() {
    std::vector<std::string> command{"redis-server", "--bind", "127.0.0.1"};
    const std::vector<std::pair<std::string, std::string>> settings{
        {"--port",             std::to_string(port_)    },
        {"--tls-port",         std::to_string(tls_port_)},
        {"--tls-cert-file",    certificate()            },
        {"--tls-key-file",     folder_ / "key.pem"      },
        {"--tls-auth-clients", "no"                     },
        {"--tls-ca-cert-file", certificate()            },
        {"--save",             ""                       },
        {"--appendonly",       "no"                     },
        {"--dir",              folder_                  }
    };
    for (const auto& [name, value] : settings) command.insert(command.end(), {name, value});
    command.insert(command.end(), options_.begin(), options_.end());
    pid_ = spawn_program(as_own_user(std::move(command)), folder_ / "server.log");
    wait_until_ready();
}

void Redis::wait_until_ready() const {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const std::string answer = ask({"PING"});
        // One that wants a password first is ready as well.
        if (answer.starts_with("PONG") || answer.starts_with("NOAUTH")) return;
        if (std::chrono::steady_clock::now() > deadline || ::waitpid(pid_, nullptr, WNOHANG) != 0)
            fail("did not start: " + log());
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void Redis::kill() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

void Redis::freeze() { ::kill(pid_, SIGSTOP); }

void Redis::go_on() { ::kill(pid_, SIGCONT); }

std::string Redis::ask(std::vector<std::string> words) const {
    const std::filesystem::path output = folder_ / "answer";
    std::filesystem::remove(output);
    words.insert(words.begin(), {"redis-cli", "--no-auth-warning", "-p", std::to_string(port_)});
    run(words, output);
    std::string answer = text_of(output);
    while (answer.ends_with('\n')) answer.pop_back();
    return answer;
}

}  // namespace souk::testing
