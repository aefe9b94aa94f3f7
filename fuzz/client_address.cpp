// Whom a request is from. An input is the trusted proxies (a comma list), the peer, and then one
// X-Forwarded-For a line, as a proxy or an attacker may send them.
#include "platform/http/client_address.h"

#include "fuzz/support/property.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::fuzz {
namespace {

std::optional<http::TrustedProxies> proxies_of(std::string_view list) {
    std::vector<std::string> words;
    while (!list.empty()) words.emplace_back(take_until(list, ","));
    try {
        return http::TrustedProxies(words);
    } catch (const std::runtime_error& refused) {
        must(*refused.what() != '\0', "a refusal says why");
        return std::nullopt;
    }
}

void check_address(std::string_view text) {
    const std::optional<http::Address> address = http::parse_address(text);
    if (!address) return;
    const std::string written = http::to_string(*address);
    must(!written.empty() && http::parse_address(written) == address,
         "an address is written as it can be read", written);
    const http::TrustedProxies only({written});
    must(only.contains(*address), "a block of one holds its one", written);
}

void check_client(const http::TrustedProxies& proxies, std::string_view peer,
                  std::vector<http::Header> headers) {
    const std::optional<http::Address> address = http::parse_address(peer);
    const bool is_trusted = address && proxies.contains(*address);
    must(proxies.client(peer, false, headers) == peer, "a stranger speaks for itself");
    const std::string_view client = proxies.client(peer, is_trusted, headers);
    if (!is_trusted) return;
    const std::optional<http::Address> found = http::parse_address(client);
    must(found.has_value(), "a client is an address", client);

    // What a client writes itself comes before what proxies add, and changes nothing.
    const http::Header forged{"X-Forwarded-For", "6.6.6.6, 127.0.0.1"};
    headers.insert(headers.begin(), forged);
    const std::string_view again = proxies.client(peer, is_trusted, headers);
    must(proxies.contains(*found) || again == client, "nobody can forge who they are", again);
}

void run(std::string_view input) {
    const std::string_view list = take_until(input, "\n");
    const std::string_view peer = take_until(input, "\n");
    check_address(peer);
    std::vector<http::Header> headers;
    for (const std::string_view line : lines_of(input)) {
        check_address(line);
        headers.push_back({"x-forwarded-for", line});
        headers.push_back({"X-Other", line});
    }
    if (const auto proxies = proxies_of(list)) check_client(*proxies, peer, std::move(headers));
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
