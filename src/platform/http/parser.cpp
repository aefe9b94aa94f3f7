#include "platform/http/parser.h"

#include "platform/http/ascii.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstring>
#include <new>

namespace souk::http {
namespace {

namespace beast = boost::beast::http;
constexpr std::size_t empty_line_bytes_max = 8;
using BeastText = boost::beast::string_view;

std::string_view view(BeastText text) { return {text.data(), text.size()}; }

Verb verb_of(beast::verb verb) {
    switch (verb) {
        case beast::verb::get:
            return Verb::get;
        case beast::verb::head:
            return Verb::head;
        case beast::verb::post:
            return Verb::post;
        case beast::verb::put:
            return Verb::put;
        case beast::verb::patch:
            return Verb::patch;
        case beast::verb::delete_:
            return Verb::delete_;
        case beast::verb::options:
            return Verb::options;
        default:
            return Verb::other;
    }
}

// Digits only: Beast itself also takes lists of equal numbers.
std::optional<std::uint64_t> length_of(std::string_view text) {
    if (text.empty() || text.size() > 18) return std::nullopt;
    std::uint64_t length = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return length;
}

}  // namespace

// What Beast calls while it reads. Errors it does not know stand for themselves in
// Parser::refused_.
class Parser::Head final : public beast::basic_parser<true> {
public:
    using Code = boost::beast::error_code;

    explicit Head(Parser& owner) : owner_(owner) { body_limit(boost::none); }

    void input(std::string_view bytes) { input_ = bytes; }

private:
    void refuse(Code& error, Refused why) {
        owner_.refused_ = why;
        error = beast::error::bad_field;
    }

    void on_request_impl(beast::verb verb, BeastText method, BeastText target, int version,
                         Code& error) override {
        owner_.verb_ = verb_of(verb);
        owner_.method_ = view(method);
        owner_.target_ = view(target);
        owner_.version_ = version;
        if (target.size() > owner_.limits_.target_bytes_max)
            refuse(error, Refused::target_too_long);
    }

    void on_field_impl(beast::field field, BeastText name, BeastText value, Code& error) override {
        if (folded(name, value)) return refuse(error, Refused::malformed);
        if (owner_.headers_.size() == owner_.limits_.headers_max) {
            return refuse(error, Refused::headers_too_large);
        }
        owner_.headers_.push_back({view(name), view(value)});
        if (field == beast::field::unknown) {  // Beast knows no X-Forwarded-For
            if (same_letters(view(name), "x-forwarded-for")) owner_.has_forwarded_for_ = true;
        } else if (!take(field, view(value))) {
            refuse(error, Refused::malformed);
        }
    }

    // A value continued on the next line either lies outside the input, or begins behind a line
    // end.
    bool folded(BeastText name, BeastText value) const {
        const char* const from = name.data() + name.size();
        if (value.data() < from || value.data() > input_.data() + input_.size()) return true;
        return std::memchr(from, '\r', static_cast<std::size_t>(value.data() - from)) != nullptr;
    }

    // False when a request with this header must not be understood.
    bool take(beast::field field, std::string_view value) {
        switch (field) {
            case beast::field::content_length:
                if (owner_.content_length_ || owner_.chunked_) return false;
                owner_.content_length_ = length_of(value);
                return owner_.content_length_.has_value();
            case beast::field::transfer_encoding:
                if (owner_.content_length_ || owner_.chunked_) return false;
                owner_.chunked_ = same_letters(value, "chunked");
                return owner_.chunked_ && owner_.version_ == 11;
            case beast::field::host:
                return ++owner_.hosts_ == 1;
            case beast::field::content_type:
                if (owner_.content_type_.data() != nullptr) return false;
                owner_.content_type_ = value;
                return true;
            case beast::field::origin:
                owner_.origin_ = value;
                return true;
            case beast::field::expect:
                owner_.expect_ = value;
                return true;
            default:
                return true;
        }
    }

    void on_header_impl(Code&) override { owner_.keep_alive_ = keep_alive(); }

    // The body is read by the session, so none of these is ever reached with bytes.
    void on_response_impl(int, BeastText, int, Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(BeastText body, Code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, BeastText, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, BeastText body, Code&) override {
        return body.size();
    }
    void on_finish_impl(Code&) override {}

    Parser& owner_;
    std::string_view input_;
};

Parser::Parser(const ParserLimits& limits) : limits_(limits) {
    static_assert(sizeof(Head) <= sizeof(storage_) && alignof(Head) <= 16);
    new (storage_.data()) Head(*this);
}

Parser::~Parser() { head().~Head(); }

Parser::Head& Parser::head() { return *std::launder(reinterpret_cast<Head*>(storage_.data())); }

void Parser::reset() {
    head().~Head();
    new (storage_.data()) Head(*this);
    headers_.clear();
    method_ = target_ = content_type_ = origin_ = expect_ = {};
    content_length_.reset();
    consumed_ = checked_ = 0;
    verb_ = Verb::other;
    refused_ = Refused::malformed;
    version_ = 11;
    hosts_ = 0;
    keep_alive_ = chunked_ = has_forwarded_for_ = started_ = false;
}

Parser::Progress Parser::refuse(Refused why) {
    refused_ = why;
    return Progress::refused;
}

// A client that ends the previous body with one line end too many is forgiven (RFC 9112, 2.2).
std::size_t Parser::skip_empty_lines(std::string_view bytes) {
    std::size_t skipped = 0;
    while (bytes.substr(skipped).starts_with("\r\n")) skipped += 2;
    return skipped;
}

Parser::Progress Parser::parse(std::string_view bytes) {
    if (!started_) {
        consumed_ = checked_ = skip_empty_lines(bytes);
        const std::string_view rest = bytes.substr(consumed_);
        if (consumed_ > empty_line_bytes_max) return refuse(Refused::malformed);
        if (rest.empty() || rest == "\r") return Progress::need_more;
        started_ = true;
        head().header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
    }
    const bool full = bytes.size() >= limits_.header_bytes_max;
    bytes = bytes.substr(0, limits_.header_bytes_max);
    const std::string_view rest = bytes.substr(consumed_);
    if (rest.empty()) return full ? refuse(Refused::headers_too_large) : Progress::need_more;

    boost::beast::error_code error;
    head().input(rest);
    consumed_ += head().put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    if (!error) return finish();
    if (error != beast::error::need_more && error != beast::error::header_limit) {
        return Progress::refused;
    }
    // Once Beast has seen half a head it only looks for the end of it, which a lonely line feed
    // would hide until the deadline.
    for (; checked_ < bytes.size(); ++checked_) {
        if (bytes[checked_] == '\n' && (checked_ == 0 || bytes[checked_ - 1] != '\r')) {
            return refuse(Refused::malformed);
        }
    }
    if (!full) return Progress::need_more;
    const bool line_ended = !method_.empty() || rest.find('\n') != std::string_view::npos;
    return refuse(line_ended ? Refused::headers_too_large : Refused::target_too_long);
}

Parser::Progress Parser::finish() {
    if (version_ == 11 && hosts_ != 1) return refuse(Refused::malformed);
    const bool usable = target_.front() == '/' || target_ == "*" ||
                        target_.find("://") != std::string_view::npos || method_ == "CONNECT";
    const bool visible =
        std::all_of(target_.begin(), target_.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    return usable && visible ? Progress::done : refuse(Refused::malformed);
}

void Parser::rebase(const char* from, const char* to) {
    if (from == to) return;
    const auto move = [&](std::string_view& text) {
        if (text.data() != nullptr) text = {to + (text.data() - from), text.size()};
    };
    for (Header& header : headers_) {
        move(header.name);
        move(header.value);
    }
    for (std::string_view* text : {&method_, &target_, &content_type_, &origin_, &expect_})
        move(*text);
}

}  // namespace souk::http
