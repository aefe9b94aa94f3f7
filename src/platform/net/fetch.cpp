#include "platform/net/fetch.h"

#include "platform/core/error.h"

#include <curl/curl.h>

#include <memory>

namespace souk::net {
namespace {

constexpr std::size_t body_max = 1 << 20;

std::size_t collect(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (body.size() + size * count > body_max) return 0;  // libcurl gives up
    body.append(bytes, size * count);
    return size * count;
}

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace

Fetched fetch(const Post& post) {
    const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
    if (!easy) throw core::Unavailable("libcurl cannot be started");
    std::unique_ptr<curl_slist, FreeList> headers(
        curl_slist_append(nullptr, "Content-Type: application/json"));
    for (const std::string& header : post.headers) {
        headers.reset(curl_slist_append(headers.release(), header.c_str()));
    }
    Fetched fetched;
    curl_easy_setopt(easy.get(), CURLOPT_URL, post.url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(post.json.size()));
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, post.json.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(post.patience.count()));
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &fetched.body);
    curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK) throw core::Unavailable(post.url + ": " + curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    fetched.status = static_cast<int>(status);
    return fetched;
}

}  // namespace souk::net
