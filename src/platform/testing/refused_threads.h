// Threads that the system refuses, as it does at a limit of processes: while one of these lives,
// nothing in this program can start one. A library of its own that stands before the C library's
// pthread_create; only programs that link it go through it.
#pragma once

namespace souk::testing {

// One at a time.
class RefusedThreads {
public:
    RefusedThreads();
    ~RefusedThreads();
    RefusedThreads(const RefusedThreads&) = delete;
    RefusedThreads& operator=(const RefusedThreads&) = delete;

    int refusals() const;
};

}  // namespace souk::testing
