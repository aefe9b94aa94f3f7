#include "platform/testing/postgres.h"

#include "platform/testing/program.h"
#include "platform/testing/temporary_folder.h"

#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <csignal>
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
    throw std::runtime_error("PostgreSQL for tests: " + what);
}

std::filesystem::path newest_programs() {
    const std::filesystem::path root = "/usr/lib/postgresql";
    int newest = 0;
    if (std::filesystem::exists(root)) {
        for (const auto& entry : std::filesystem::directory_iterator(root)) {
            const bool has_server = std::filesystem::exists(entry.path() / "bin" / "postgres");
            if (has_server) newest = std::max(newest, std::atoi(entry.path().filename().c_str()));
        }
    }
    if (newest == 0) fail("no server in " + root.string() + "; ./dev setup installs it");
    return root / std::to_string(newest) / "bin";
}

}  // namespace

Postgres& Postgres::shared() {
    static Postgres server;
    return server;
}

Postgres::Postgres()
    : folder_(make_temporary_folder("souk-postgres")),
      programs_(newest_programs()),
      port_(free_port()) {
    make_data();
    start();
}

Postgres::~Postgres() {
    if (pid_ != 0) kill();
    std::error_code ignored;  // a temporary folder that stays is no reason to fail
    std::filesystem::remove_all(folder_, ignored);
}

std::string Postgres::address() const {
    return "postgres://postgres@127.0.0.1:" + std::to_string(port_) + "/postgres";
}

// The server refuses to run as root.
std::vector<std::string> Postgres::as_postgres(std::vector<std::string> command) const {
    std::vector<std::string> words{"setpriv", "--pdeathsig=QUIT"};
    if (::geteuid() == 0)
        words.insert(words.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
    words.insert(words.end(), command.begin(), command.end());
    return words;
}

void Postgres::make_data() {
    if (const passwd* user = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr; user != nullptr) {
        if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
            fail("chown " + folder_.string());
    }
    const std::filesystem::path log = folder_ / "initdb.log";
    const pid_t pid = spawn_program(
        as_postgres({programs_ / "initdb", "--no-sync", "--auth=trust", "--username=postgres",
                     "--encoding=UTF8", "--locale=C", "--pgdata=" + (folder_ / "data").string()}),
        log);
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid || status != 0)
        fail("initdb failed, see " + log.string());
}

void Postgres::start() {
    spawn();
    wait_until_ready();
}

void Postgres::spawn() {
    const std::vector<std::string> settings{"listen_addresses=127.0.0.1",
                                            "port=" + std::to_string(port_),
                                            "unix_socket_directories=" + folder_.string(),
                                            "fsync=off",
                                            "max_connections=60",
                                            "shared_buffers=32MB"};
    std::vector<std::string> command{programs_ / "postgres", "-D", folder_ / "data"};
    for (const std::string& setting : settings) command.insert(command.end(), {"-c", setting});
    pid_ = spawn_program(as_postgres(std::move(command)), folder_ / "server.log");
}

void Postgres::wait_until_ready() const {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::PQping(address().c_str()) != PQPING_OK) {
        if (std::chrono::steady_clock::now() > deadline)
            fail("did not start, see " + folder_.string());
        if (::waitpid(pid_, nullptr, WNOHANG) != 0) fail("ended at once, see " + folder_.string());
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void Postgres::kill() {
    ::kill(pid_, SIGQUIT);  // PostgreSQL's "immediate": no clean-up, recovery at the next start
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

}  // namespace souk::testing
