// The libSQL server of tests/support/libsql_server.py, on a free port of 127.0.0.1 and with its
// files in a temporary folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>

namespace souk::testing {

class Libsql {
public:
    // Started by the first call and stopped at the end of the test program.
    static Libsql& shared();

    Libsql();  // throws std::runtime_error when it does not start
    ~Libsql();
    Libsql(const Libsql&) = delete;
    Libsql& operator=(const Libsql&) = delete;

    std::string address() const;

    // From now on: an empty database, and nothing that a test has set before.
    void renew();

    // Sets switches of the server: {"busy": 2}.
    void set(const std::string& switches);
    std::int64_t counter(const std::string& name) const;  // "pipelines", "streams"

    void kill();   // at once, as in a crash; the port and the data stay
    void start();  // after kill(); ready when it returns

private:
    std::string file() const;
    std::string control(const std::string& method, const std::string& body) const;

    std::filesystem::path folder_;
    int port_ = 0;
    pid_t pid_ = 0;
    int files_ = 0;
};

}  // namespace souk::testing
