// Result<T>: a value, or the reason why the request was refused. Becomes std::expected later.
#pragma once

#include "platform/core/error.h"

#include <boost/system/result.hpp>

namespace souk::core {

template <typename T = void>
using Result = boost::system::result<T, Error>;

}  // namespace souk::core
