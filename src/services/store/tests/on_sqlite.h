// A database file of its own for each test.
#pragma once

#include "platform/testing/engine.h"

namespace souk::store {

inline db::Place fresh_file() { return testing::fresh_file("store"); }

}  // namespace souk::store
