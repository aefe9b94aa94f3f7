#include "platform/net/call.h"

#include "platform/core/error.h"

#include <curl/curl.h>

#include <memory>
#include <string_view>

namespace souk::net {
namespace {

constexpr std::size_t header_bytes_max = 65'536;

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

// What comes in; a callback that takes less than it was given makes libcurl give up.
struct Incoming {
    Answer answer;
    std::size_t body_bytes_max;
    std::size_t header_bytes = 0;
    bool is_too_long = false;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto& incoming = *static_cast<Incoming*>(into);
    if (incoming.answer.body.size() + size * count > incoming.body_bytes_max) {
        incoming.is_too_long = true;
        return 0;
    }
    incoming.answer.body.append(bytes, size * count);
    return size * count;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto& incoming = *static_cast<Incoming*>(into);
    const std::string_view line(bytes, size * count);
    incoming.header_bytes += line.size();
    if (incoming.header_bytes > header_bytes_max) {
        incoming.is_too_long = true;
        return 0;
    }
    // A status line begins an answer; one before it (100 Continue) was not the answer.
    if (line.starts_with("HTTP/")) incoming.answer.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    incoming.answer.headers.emplace_back(trimmed(line.substr(0, colon)),
                                         trimmed(line.substr(colon + 1)));
    return line.size();
}

void add(List& list, const std::string& line) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw core::Unavailable("libcurl has no memory for a header");
    static_cast<void>(list.release());
    list.reset(longer);
}

// libcurl writes a header without a value as "name;", and takes "name:" for leaving its own out.
List headers_of(const Call& call) {
    List list;
    add(list, "Expect:");
    add(list, "Content-Type:");
    for (const auto& [name, value] : call.headers) {
        std::string line = name;
        line += value.empty() ? ";" : ": ";
        line += value;
        add(list, line);
    }
    return list;
}

bool has_body(const Call& call) {
    return !call.body.empty() || call.method == "POST" || call.method == "PUT" ||
           call.method == "PATCH";
}

void set_request(CURL* easy, const Call& call, curl_slist* headers) {
    curl_easy_setopt(easy, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);  // other threads run
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(call.patience.count()));
    if (has_body(call)) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(call.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.c_str());
    }
    if (call.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
}

}  // namespace

Answer send(const Call& call) {
    const Easy easy(curl_easy_init());
    if (!easy) throw core::Unavailable("libcurl cannot be started");
    const List headers = headers_of(call);
    set_request(easy.get(), call, headers.get());
    Incoming incoming{.answer = {}, .body_bytes_max = call.body_bytes_max};
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &incoming);
    curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &incoming);

    const auto began = std::chrono::steady_clock::now();
    const CURLcode code = curl_easy_perform(easy.get());
    incoming.answer.took = std::chrono::steady_clock::now() - began;
    if (incoming.is_too_long) throw core::Unavailable(call.url + ": the answer is too long");
    if (code != CURLE_OK) throw core::Unavailable(call.url + ": " + curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    incoming.answer.status = static_cast<int>(status);
    return std::move(incoming.answer);
}

}  // namespace souk::net
