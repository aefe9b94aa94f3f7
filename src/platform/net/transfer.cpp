#include "platform/net/transfer.h"

#include <algorithm>

namespace souk::net {

Transfer::Transfer(const char* schemes, std::chrono::milliseconds patience,
                   const std::string& ca_file)
    : easy_(curl_easy_init()) {
    if (!easy_) throw core::Unavailable("libcurl cannot be started");
    set(CURLOPT_PROTOCOLS_STR, schemes);
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_NOSIGNAL, 1L);  // other threads run
    // Without this a name that nobody resolves would hold up all transfers of a thread, and its
    // end.
    set(CURLOPT_QUICK_EXIT, 1L);
    // Nothing is left of a patience that is over; 0 would mean for ever.
    set(CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(patience.count())));
    if (!ca_file.empty()) {
        set(CURLOPT_CAINFO, ca_file.c_str());
        set(CURLOPT_CAPATH, nullptr);
    }
}

void Transfer::Lines::add(const std::string& line) {
    curl_slist* const longer = curl_slist_append(list_.get(), line.c_str());
    if (longer == nullptr) throw core::Unavailable("libcurl has no memory for a line");
    static_cast<void>(list_.release());
    list_.reset(longer);
}

}  // namespace souk::net
