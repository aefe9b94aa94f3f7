#include "platform/http/settings.h"

#include "platform/http/client_address.h"

#include <stdexcept>

namespace souk::http {
namespace {

// Says what is wrong with a list of proxies; empty when nothing is.
std::string complaint_about_proxies(const std::string& list) {
    try {
        const TrustedProxies read(config::split_words(list));
        return {};
    } catch (const std::runtime_error& wrong) {
        return wrong.what();
    }
}

}  // namespace

config::Settings settings(ServerLimits& into) {
    using config::whole_number;
    config::Settings rows;
    rows.push_back(whole_number("souk.http_header_seconds", into.header_seconds, {1, 3'600},
                                "seconds from a request's first byte to the end of its header"));
    rows.push_back(whole_number("souk.http_body_seconds", into.body_seconds, {1, 3'600},
                                "seconds from the end of the header to the end of the body"));
    rows.push_back(whole_number("souk.http_idle_seconds", into.idle_seconds, {1, 86'400},
                                "seconds a connection may wait between requests"));
    rows.push_back(
        whole_number("souk.http_write_seconds", into.write_seconds, {1, 3'600},
                     "seconds for an answer (64 KiB of a long one) to be taken by the client"));
    rows.push_back(whole_number("souk.http_max_header_bytes", into.header_bytes_max,
                                {1'024, 1'048'576}, "request line and headers together"));
    rows.push_back(whole_number("souk.http_max_target_bytes", into.target_bytes_max,
                                {256, 1'048'576}, "length of a request target (path and query)"));
    rows.push_back(
        whole_number("souk.http_max_connections", into.connections_max, {1, 1'000'000},
                     "open connections to the services, which the operations listener's 256 "
                     "are not among; more are answered with a refusal"));
    rows.push_back(
        whole_number("souk.http_max_in_flight", into.in_flight_max, {1, 1'000'000},
                     "requests the services handle at one time, not counting the operations "
                     "listener's 64; more are answered with a refusal"));
    rows.push_back(
        whole_number("souk.bodies_max_mib", into.bodies_mib_max, {1, 1'048'576},
                     "MiB of memory for all request bodies that come in or are being handled, "
                     "without the first 8 KiB of each; over it they are answered with a refusal"));
    rows.push_back(
        config::words("souk.trusted_proxies", into.trusted_proxies,
                      "addresses or CIDR blocks whose X-Forwarded-For counts; loopback if unset")
            .also("TRUSTED_PROXIES")
            .check(complaint_about_proxies));
    rows.push_back(whole_number("souk.access_log_every", into.hot_log_every, {1, 1'000'000'000},
                                "one access line in so many for expected outcomes of hot routes"));
    return rows;
}

}  // namespace souk::http
