#include "services/flash/waiting_room.h"

#include "platform/http/page.h"
#include "services/flash/rules.h"

#include <algorithm>
#include <utility>

namespace souk::flash {
namespace {

constexpr std::size_t return_max = 2'000;  // characters: the page stays under 8 KiB

// For a query of ours (RFC 3986: everything but unreserved characters is encoded).
std::string encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return out;
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '[' || c == ']' || c == ':';
}

bool is_host_name(std::string_view name) {
    return !name.empty() && name.find_first_of("[]:") == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), is_host_character);
}

// "[::1]", the address of IPv6 as it stands in a URL.
bool is_bracketed_address(std::string_view name) {
    return name.size() > 2 &&
           name.find_first_not_of("0123456789abcdefABCDEF:.", 1) == name.size() - 1;
}

// "http://host:port" of an address; empty when it is no plain http or https address.
std::string_view origin_of(std::string_view address) {
    const std::size_t scheme = address.starts_with("https://")  ? 8
                               : address.starts_with("http://") ? 7
                                                                : 0;
    if (scheme == 0) return {};
    const std::string_view origin = address.substr(0, address.find_first_of("/?#", scheme));
    const std::string_view host = origin.substr(scheme);
    if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_character)) return {};
    return origin;
}

bool has_control_or_space(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20U || c == 0x7F || c == '\\';
    });
}

std::string waiting_refresh(std::string_view return_to, std::string_view product_id) {
    std::string address = "5;url=/";
    char before = '?';
    if (!return_to.empty()) address += before + ("return=" + encode(return_to)), before = '&';
    if (!product_id.empty()) address += before + ("productId=" + encode(product_id));
    return address;
}

}  // namespace

std::string api_address(std::string_view configured, std::string_view host,
                        std::uint16_t api_port) {
    if (!configured.empty()) return std::string(configured);
    const bool is_address = host.starts_with('[');
    const std::string_view name =
        is_address ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    if (!(is_address ? is_bracketed_address(name) : is_host_name(name))) return "";
    return "http://" + std::string(name) + ":" + std::to_string(api_port);
}

bool is_allowed_return(std::string_view address, const std::vector<std::string>& origins) {
    if (address.size() > return_max || has_control_or_space(address)) return false;
    const std::string_view origin = origin_of(address);
    return !origin.empty() && std::find(origins.begin(), origins.end(), origin) != origins.end();
}

WaitingRoom::WaitingRoom(Parts parts, Settings settings)
    : parts_(parts), settings_(std::move(settings)) {}

core::Task<bool> WaitingRoom::is_sold_out(std::string_view product_id) const {
    if (product_id.empty() || !parts_.operations.is_open()) co_return false;
    const core::Result<std::int64_t> stock = co_await parts_.operations.stock(product_id);
    co_return stock && *stock == 0;
}

core::Task<core::Result<http::Response>> WaitingRoom::show(const http::Request& request) const {
    const std::string_view asked_return = request.query_parameter("return").value_or("");
    const std::string_view asked_product = request.query_parameter("productId").value_or("");
    const std::string_view return_to =
        is_allowed_return(asked_return, settings_.return_origins) ? asked_return : "";
    const std::string_view product_id = is_product_id(asked_product) ? asked_product : "";
    const bool sold_out = co_await is_sold_out(product_id);
    const bool has_room = !sold_out && parts_.operations.capacity().remaining != 0;
    const bool leaves = has_room && !return_to.empty();
    const std::string api =
        api_address(settings_.api_url, request.header("host").value_or(""), settings_.api_port);
    http::Response response = http::answer_page(
        request, parts_.random,
        {
            .text = parts_.page,
            .values = {{"refresh", leaves ? "0;url=" + std::string(return_to)
                                          : waiting_refresh(return_to, product_id)},
                       {"api", api},
                       {"return", std::string(return_to)},
                       {"product", std::string(product_id)},
                       {"state", sold_out   ? "sold_out"
                                 : has_room ? "open"
                                            : "waiting"}},
            .connect = api.empty() ? "'none'" : api
    });
    response.with("X-Waiting-Room", "1");
    co_return response;
}

}  // namespace souk::flash
