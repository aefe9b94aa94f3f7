#include "platform/net/http_transfer.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace souk::net {
namespace {

constexpr std::size_t header_bytes_max = 65'536;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool has_body(const Call& call) {
    return !call.body.empty() || call.method == "POST" || call.method == "PUT" ||
           call.method == "PATCH";
}

// "https://host:port": what a message may say of a URL, whose user, path and query can be secrets.
std::string origin_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t end = std::min(url.find_first_of("/?#\\", begin), url.size());
    const std::string_view authority = url.substr(begin, end - begin);
    const std::size_t user = authority.rfind('@');
    const std::size_t host = user == std::string_view::npos ? 0 : user + 1;
    return std::string(url.substr(0, begin)) + std::string(authority.substr(host));
}

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20U && c != '\t') || c == 0x7F;
    });
}

}  // namespace

HttpTransfer::HttpTransfer(Call call, const std::string& ca_file)
    : Transfer("http,https", call.patience, ca_file), call_(std::move(call)) {
    set_request();
    set_headers();
    set(CURLOPT_PREREQFUNCTION, &note_sending);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, this);
}

void HttpTransfer::set_request() {
    if (!is_word(call_.method))
        throw std::invalid_argument("\"" + call_.method + "\" is no method");
    set(CURLOPT_URL, call_.url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    if (has_body(call_)) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
        set(CURLOPT_POSTFIELDS, call_.body.c_str());
    }
    if (call_.method == "HEAD") set(CURLOPT_NOBODY, 1L);
    set(CURLOPT_CUSTOMREQUEST, call_.method.c_str());
}

// libcurl writes a header without a value as "name;", and takes "name:" for leaving its own out.
void HttpTransfer::set_headers() {
    headers_.add("Expect:");
    headers_.add("Content-Type:");
    for (const auto& [name, value] : call_.headers) {
        if (!is_word(name) || has_control(value))
            throw std::invalid_argument("\"" + name + "\" is no header, or its value has no end");
        std::string line = name;
        line += value.empty() ? ";" : ": ";
        line += value;
        headers_.add(line);
    }
    set(CURLOPT_HTTPHEADER, headers_.get());
}

// libcurl asks this when it has a connection and is about to send on it.
int HttpTransfer::note_sending(void* self, char*, char*, int, int) {
    auto& transfer = *static_cast<HttpTransfer*>(self);
    if (transfer.times_sent_ > 0 && transfer.call_.once) return CURL_PREREQFUNC_ABORT;
    ++transfer.times_sent_;
    return CURL_PREREQFUNC_OK;
}

// A callback that takes less than it was given makes libcurl give up.
std::size_t HttpTransfer::take_body(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto& self = *static_cast<HttpTransfer*>(into);
    if (self.answer_.body.size() + size * count > self.call_.body_bytes_max) {
        self.is_too_long_ = true;
        return 0;
    }
    self.answer_.body.append(bytes, size * count);
    return size * count;
}

std::size_t HttpTransfer::take_header(char* bytes, std::size_t size, std::size_t count,
                                      void* into) {
    auto& self = *static_cast<HttpTransfer*>(into);
    const std::string_view line(bytes, size * count);
    self.header_bytes_ += line.size();
    if (self.header_bytes_ > header_bytes_max) {
        self.is_too_long_ = true;
        return 0;
    }
    // A status line begins an answer; one before it (100 Continue) was not the answer.
    if (line.starts_with("HTTP/")) self.answer_.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    self.answer_.headers.emplace_back(trimmed(line.substr(0, colon)),
                                      trimmed(line.substr(colon + 1)));
    return line.size();
}

Answer HttpTransfer::finish(CURLcode code) {
    if (is_too_long_) fail("the answer is too long");
    if (code == CURLE_ABORTED_BY_CALLBACK) fail("the connection was closed without an answer");
    if (code != CURLE_OK) fail(curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    curl_off_t took_us = 0;
    curl_easy_getinfo(handle(), CURLINFO_TOTAL_TIME_T, &took_us);
    answer_.took = std::chrono::microseconds(took_us);
    return std::move(answer_);
}

void HttpTransfer::fail(const char* why) const {
    const std::string message = origin_of(call_.url) + ": " + why;
    if (times_sent_ == 0) throw NotSent(message);
    throw core::Unavailable(message);
}

}  // namespace souk::net
