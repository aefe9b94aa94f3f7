#include "platform/http/request.h"

#include "platform/http/ascii.h"
#include "platform/http/request_ids.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace souk::http {
namespace {

constexpr std::size_t request_id_length_max = 128;

// Visible ASCII only, so that an id cannot break a log line.
bool usable_id(std::string_view id) {
    return !id.empty() && id.size() <= request_id_length_max &&
           std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view decoded(std::string_view raw, std::pmr::memory_resource& memory) {
    char* const space = static_cast<char*>(memory.allocate(raw.size() + 1, 1));
    const std::optional<std::size_t> size = percent_decode(raw, Plus::is_space, space);
    return size ? std::string_view(space, *size) : raw;
}

}  // namespace

std::string_view name(Verb verb) {
    switch (verb) {
        case Verb::get:
            return "GET";
        case Verb::head:
            return "HEAD";
        case Verb::post:
            return "POST";
        case Verb::put:
            return "PUT";
        case Verb::patch:
            return "PATCH";
        case Verb::delete_:
            return "DELETE";
        case Verb::options:
            return "OPTIONS";
        case Verb::other:
            return "OTHER";
    }
    return "OTHER";
}

std::optional<std::string_view> Request::header(std::string_view wanted) const {
    for (const Header& header : headers) {
        if (same_letters(header.name, wanted)) return header.value;
    }
    return std::nullopt;
}

std::string_view Request::path_parameter(std::string_view wanted) const {
    for (const Header& parameter : path_parameters) {
        if (parameter.name == wanted) return parameter.value;
    }
    return {};
}

std::optional<std::string_view> Request::query_parameter(std::string_view wanted) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        const std::string_view raw_name = pair.substr(0, equals);
        const bool plain = raw_name.find_first_of("%+") == std::string_view::npos;
        if ((plain ? raw_name : decoded(raw_name, memory())) != wanted) continue;
        if (equals == std::string_view::npos) return std::string_view{};
        return decoded(pair.substr(equals + 1), memory());
    }
    return std::nullopt;
}

std::vector<std::string> Request::query_parameters(std::string_view wanted) const {
    std::vector<std::string> values;
    Request rest;
    rest.memory_ = memory_;
    rest.query = query;
    while (!rest.query.empty()) {
        const std::string_view pair = rest.query.substr(0, rest.query.find('&'));
        const std::string_view behind =
            rest.query.substr(std::min(rest.query.size(), pair.size() + 1));
        rest.query = pair;
        if (const std::optional<std::string_view> value = rest.query_parameter(wanted))
            values.emplace_back(*value);
        rest.query = behind;
    }
    return values;
}

std::string_view Request::keep(std::string_view text) const {
    if (text.empty()) return {};
    char* const space = static_cast<char*>(memory().allocate(text.size(), 1));
    std::memcpy(space, text.data(), text.size());
    return {space, text.size()};
}

std::string_view Request::request_id() const {
    if (!request_id_.empty()) return request_id_;
    const std::optional<std::string_view> sent = header("x-request-id");
    if (sent && usable_id(*sent)) {
        request_id_ = *sent;
    } else if (ids_ != nullptr) {
        const std::array<char, 16> made = ids_->next();
        request_id_ = keep({made.data(), made.size()});
    }
    return request_id_;
}

RequestIds::RequestIds(core::Random& random) {
    random.fill(std::as_writable_bytes(std::span(&state_, 1)));
}

// SplitMix64: a bijection of the counter, so no id of one loop comes twice.
std::array<char, 16> RequestIds::next() {
    std::uint64_t bits = state_ += 0x9e3779b97f4a7c15U;
    bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
    bits ^= bits >> 31U;
    std::array<char, 16> text;
    for (char& c : text) {
        c = "0123456789abcdef"[bits & 15U];
        bits >>= 4U;
    }
    return text;
}

}  // namespace souk::http
