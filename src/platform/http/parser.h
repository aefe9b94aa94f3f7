// Reads the head of a request (request line and headers) with Beast's parser, keeping views into
// the connection's buffer. What requests are smuggled with is refused: RFC 9112 in its strictest
// reading.
#pragma once

#include "platform/http/request.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace souk::http {

struct ParserLimits {
    std::size_t header_bytes_max = 16'384;
    std::size_t target_bytes_max = 8'192;
    std::size_t headers_max = 100;
};

enum class Refused { malformed, target_too_long, headers_too_large };

class Parser {
public:
    enum class Progress { need_more, done, refused };

    explicit Parser(const ParserLimits& limits);
    ~Parser();
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    // Looks at the bytes of a request from its first on; called again with the same bytes and more
    // behind them until it needs no more. The views point into `bytes`.
    Progress parse(std::string_view bytes);

    // The bytes moved since the last call.
    void rebase(const char* from, const char* to);

    void reset();  // for the next request

    Refused refused() const { return refused_; }
    std::size_t head_bytes() const { return consumed_; }  // with the empty line, when done

    std::string_view method() const { return method_; }
    Verb verb() const { return verb_; }
    std::string_view target() const { return target_; }
    bool version_1_0() const { return version_ == 10; }
    bool keep_alive() const { return keep_alive_; }
    bool chunked() const { return chunked_; }
    bool has_content_length() const { return content_length_.has_value(); }
    std::uint64_t content_length() const { return content_length_.value_or(0); }
    const std::vector<Header>& headers() const { return headers_; }

    // Headers the server itself looks at; null data when absent.
    std::string_view content_type() const { return content_type_; }
    std::string_view origin() const { return origin_; }
    std::string_view expect() const { return expect_; }
    bool has_forwarded_for() const { return has_forwarded_for_; }

private:
    class Head;
    friend class Head;

    Head& head();
    void restart();
    Progress refuse(Refused why);
    Progress finish();
    std::size_t skip_empty_lines(std::string_view bytes);

    ParserLimits limits_;
    alignas(16) std::array<std::byte, 160> storage_;  // of the Beast parser, made anew per request
    std::vector<Header> headers_;
    std::string_view method_;
    std::string_view target_;
    std::string_view content_type_;
    std::string_view origin_;
    std::string_view expect_;
    std::optional<std::uint64_t> content_length_;
    std::size_t consumed_ = 0;
    std::size_t checked_ = 0;  // bytes known to hold no lonely line feed
    Verb verb_ = Verb::other;
    Refused refused_ = Refused::malformed;
    int version_ = 11;
    int hosts_ = 0;
    bool keep_alive_ = false;
    bool chunked_ = false;
    bool has_forwarded_for_ = false;
    bool started_ = false;
};

}  // namespace souk::http
