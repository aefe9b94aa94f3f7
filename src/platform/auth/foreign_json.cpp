#include "platform/auth/foreign_json.h"

#include <boost/json/parse.hpp>

#include <utility>

namespace souk::auth {

std::optional<boost::json::object> read_object(std::string_view json) {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse({json.data(), json.size()}, error);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::optional<std::string_view> text_in(const boost::json::object& object, std::string_view name) {
    const boost::json::value* const member = object.if_contains({name.data(), name.size()});
    if (member == nullptr || !member->is_string()) return std::nullopt;
    const boost::json::string& text = member->get_string();
    return std::string_view(text.data(), text.size());
}

}  // namespace souk::auth
