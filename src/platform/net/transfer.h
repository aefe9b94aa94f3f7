// What libcurl carries out: a handle with its options set. Made on any thread, and used by one
// after the other.
#pragma once

#include "platform/core/error.h"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>

namespace souk::net {

class Transfer {
public:
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* handle() const { return easy_.get(); }

protected:
    // Sets what every transfer has in common. An empty ca_file means the certificates that the
    // system trusts.
    Transfer(const char* schemes, std::chrono::milliseconds patience, const std::string& ca_file);
    ~Transfer() = default;

    // A list that libcurl reads while the transfer is under way.
    class Lines {
    public:
        void add(const std::string& line);
        curl_slist* get() const { return list_.get(); }

    private:
        struct Free {
            void operator()(curl_slist* list) const { curl_slist_free_all(list); }
        };
        std::unique_ptr<curl_slist, Free> list_;
    };

    template <typename Value>
    void set(CURLoption option, Value value) {
        if (curl_easy_setopt(handle(), option, value) != CURLE_OK)
            throw core::Unavailable("libcurl does not take an option");
    }

private:
    struct Free {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    };
    const std::unique_ptr<CURL, Free> easy_;
};

}  // namespace souk::net
