// One HTTP request, sent and waited for on the calling thread. Redirects are not followed, and no
// proxy is asked.
#pragma once

#include "platform/core/error.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace souk::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Call {
    std::string url;  // http or https
    std::string method = "GET";
    Headers headers = {};   // nothing is added but Host, Content-Length and Accept
    std::string body = {};  // sent when it is not empty or the method is one that has a body
    std::chrono::milliseconds patience{5'000};
    std::size_t body_bytes_max = 1 << 20;  // of the answer
    // Never sent twice. Else a request is sent again when the kept connection it went out on was
    // closed without a byte of an answer, which need not mean that nothing was done.
    bool once = false;
};

struct Answer {
    int status = 0;
    Headers headers;
    std::string body;
    std::chrono::nanoseconds took{0};
};

// No answer, and the server has surely not seen any of the request.
class NotSent : public core::Unavailable {
public:
    using core::Unavailable::Unavailable;
};

// Throws core::Unavailable when there is no answer, or one that is too long; std::invalid_argument
// when method or headers hold what cannot be sent.
Answer send(const Call& call);

}  // namespace souk::net
