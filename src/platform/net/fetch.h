// One HTTP request, waited for: what commands use to talk to the running program.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace souk::net {

struct Fetched {
    int status = 0;
    std::string body;
};

struct Post {
    std::string url;
    std::string json;
    std::vector<std::string> headers;  // "name: value"
    std::chrono::milliseconds patience{5000};
};

// Throws core::Unavailable when nobody answers.
Fetched fetch(const Post& post);

}  // namespace souk::net
