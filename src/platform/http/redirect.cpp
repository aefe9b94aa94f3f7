#include "platform/http/redirect.h"

#include <string>

namespace souk::http {

std::optional<Response> slash_redirect(const Router& router, const Room& room,
                                       const Request& request) {
    if (!room.redirects_slash || request.path.size() < 2 || !request.path.ends_with('/'))
        return std::nullopt;
    const std::string_view path = request.path.substr(0, request.path.size() - 1);
    PathParameters parameters;
    const Router::Match match = router.find(request.verb, path, request.memory(), parameters);
    if (!match.known() || match.room != &room) return std::nullopt;

    Response answer;
    answer.status = 307;
    // The path alone: it is one of ours, so it cannot lead to another host.
    std::string place(path);
    if (!request.query.empty()) place += "?" + std::string(request.query);
    answer.with("Location", request.keep(place));
    return answer;
}

}  // namespace souk::http
