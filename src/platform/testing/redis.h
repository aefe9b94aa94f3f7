// A real Redis server for tests: Debian's, in a temporary folder, on free ports of 127.0.0.1.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace souk::testing {

class Redis {
public:
    // With more words for its command line: {"--requirepass", "secret"}. Throws std::runtime_error
    // when Redis is not installed or does not start.
    explicit Redis(std::vector<std::string> options = {});
    ~Redis();
    Redis(const Redis&) = delete;
    Redis& operator=(const Redis&) = delete;

    int port() const { return port_; }
    int tls_port() const { return tls_port_; }
    std::filesystem::path certificate() const;  // for 127.0.0.1, signed by itself
    std::string log() const;

    void kill();    // at once, as in a crash; the port stays, the data is gone
    void start();   // after kill(); ready when it returns
    void freeze();  // SIGSTOP: it takes what is sent and answers nothing
    void go_on();   // SIGCONT

    // What it prints for one command, asked by redis-cli.
    std::string ask(std::vector<std::string> words) const;

private:
    void make_certificate() const;
    void wait_until_ready() const;
    std::vector<std::string> as_own_user(std::vector<std::string> command) const;

    const std::vector<std::string> options_;
    const std::filesystem::path folder_;
    const int port_;
    const int tls_port_;
    pid_t pid_ = 0;
};

}  // namespace souk::testing
