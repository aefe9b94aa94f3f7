// A real PostgreSQL server for tests: Debian's, in a temporary folder, on a free port of 127.0.0.1.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace souk::testing {

class Postgres {
public:
    // Started by the first call and stopped at the end of the test program.
    static Postgres& shared();

    // Throws std::runtime_error when PostgreSQL is not installed or does not start.
    Postgres();
    ~Postgres();
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    std::string address() const;  // of an empty database
    void kill();                  // at once, as in a crash; the port and the data stay
    void start();                 // after kill(); ready when it returns

private:
    void make_data();
    void spawn();
    void wait_until_ready() const;
    std::vector<std::string> as_postgres(std::vector<std::string> command) const;

    std::filesystem::path folder_;
    std::filesystem::path programs_;
    int port_ = 0;
    pid_t pid_ = 0;
};

}  // namespace souk::testing
