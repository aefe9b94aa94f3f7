// What a visitor can put into the waiting room page: its query, its Host header, and the address to
// return to. An input is a Host, a return address and a value, a line each, and then a page.
#include "services/flash/waiting_room.h"

#include "fuzz/support/property.h"
#include "platform/http/page.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace souk::fuzz {
namespace {

const std::vector<std::string> origins = {"https://shop.example", "http://localhost:5173"};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const std::size_t at = std::string_view("&<>\"'").find(c);
        constexpr const char* names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
        if (at == std::string_view::npos) {
            out += c;
        } else {
            out += names[at];
        }
    }
    return out;
}

bool is_host(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-:[]").find(c) != std::string_view::npos;
}

// The address stands in a header of directives and in a tag: nothing in it may end either.
void check_address(std::string_view host) {
    const std::string address = flash::api_address("", host, 3'000);
    if (address.empty()) return;
    must(address.starts_with("http://") && address.ends_with(":3000"), "an address is whole",
         address);
    const std::string_view name = std::string_view(address).substr(7, address.size() - 12);
    must(!name.empty() && std::all_of(name.begin(), name.end(), is_host), "a host is a host", name);
    must(host.starts_with(name), "it is the one that was asked", name);
    const bool has_colon = name.find(':') != std::string_view::npos;
    must(!has_colon || (name.front() == '[' && name.back() == ']'), "one port, no more", name);
    must(flash::api_address("https://api.example", host, 3'000) == "https://api.example",
         "a configured address wins");
}

// As browsers read an address: up to the first of / ? # it is the origin.
void check_return(std::string_view address) {
    if (!flash::is_allowed_return(address, origins)) return;
    const bool is_one_of_them =
        std::any_of(origins.begin(), origins.end(), [&](const auto& origin) {
            if (!address.starts_with(origin)) return false;
            const std::string_view rest = address.substr(origin.size());
            return rest.empty() ||
                   std::string_view("/?#").find(rest.front()) != std::string_view::npos;
        });
    must(is_one_of_them, "visitors are sent only where the list says", address);
    const bool is_plain = std::none_of(address.begin(), address.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20U || c == 0x7F || c == '\\';
    });
    must(is_plain, "and the address is one browsers do not mend", address);
    must(!flash::is_allowed_return(address, {}), "an empty list allows nothing");
}

void check_page(std::string_view value, std::string_view page) {
    const std::string text(value);
    const http::PageValues values{
        {"x", text},
        {"y", text}
    };
    const std::string made = http::fill("<a b=\"{{x}}\">{{y}}</a>{{none}}", values);
    must(made == "<a b=\"" + escaped(value) + "\">" + escaped(value) + "</a>{{none}}",
         "values are escaped, and never taken for names", made);
    const std::string filled = http::fill(page, {
                                                    {"x", text}
    });
    must(http::fill(page, {}) == page, "a page without values stays as it is");
    if (page.find("{{") == std::string_view::npos) must(filled == page, "a page stays as it is");
}

void run(std::string_view input) {
    check_address(take_until(input, "\n"));
    check_return(take_until(input, "\n"));
    const std::string_view value = take_until(input, "\n");
    check_return(value);
    check_page(value, input);
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
