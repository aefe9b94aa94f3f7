#include "platform/http/media_type.h"

#include "platform/http/ascii.h"
#include "platform/http/refusals.h"

namespace souk::http {
namespace {

std::string_view essence(std::string_view content_type) {
    return trimmed(content_type.substr(0, content_type.find(';')));
}

}  // namespace

bool is_json(std::string_view content_type) {
    if (content_type == "application/json") return true;
    const std::string_view type = essence(content_type);
    if (same_letters(type, "application/json")) return true;
    return type.size() > 5 && same_letters(type.substr(type.size() - 5), "+json") &&
           type.find('/') != std::string_view::npos;
}

std::optional<core::Error> check_media_type(const Body& expected, const SentBody& sent) {
    if (!expected.expected) return std::nullopt;
    if (expected.is_judged_late && (sent.content_type.data() == nullptr || sent.empty))
        return std::nullopt;
    const bool wants_json = expected.media_type == "application/json";
    if (sent.content_type.data() == nullptr) {
        if (sent.empty) return std::nullopt;
    } else if (wants_json ? is_json(sent.content_type)
                          : same_letters(essence(sent.content_type), expected.media_type)) {
        if (!sent.empty || !expected.required || !wants_json) return std::nullopt;
        return core::Error{core::Fault::malformed, "invalid_json", "Invalid JSON"};
    }
    return refusal(core::Fault::unsupported_media_type);
}

}  // namespace souk::http
