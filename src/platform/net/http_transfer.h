// One HTTP request on its way, and the answer as it comes in.
#pragma once

#include "platform/net/call.h"
#include "platform/net/transfer.h"

#include <cstddef>
#include <string>

namespace souk::net {

class HttpTransfer final : public Transfer {
public:
    // Throws std::invalid_argument when method or headers would not stay on their lines.
    explicit HttpTransfer(Call call, const std::string& ca_file = {});

    // Once, when libcurl is done. Throws as send() says.
    Answer finish(CURLcode code);

private:
    void set_request();
    void set_headers();
    [[noreturn]] void fail(const char* why) const;
    static int note_sending(void* self, char*, char*, int, int);
    static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* into);
    static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* into);

    const Call call_;
    Lines headers_;
    Answer answer_;
    std::size_t header_bytes_ = 0;
    bool is_too_long_ = false;
    int times_sent_ = 0;
};

}  // namespace souk::net
