// JSON of others, in which every member may be missing or be anything.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace souk::auth {

// Nothing when the text is not JSON, or not an object.
std::optional<boost::json::object> read_object(std::string_view json);

// Nothing when the member is absent or no text.
std::optional<std::string_view> text_in(const boost::json::object& object, std::string_view name);

}  // namespace souk::auth
