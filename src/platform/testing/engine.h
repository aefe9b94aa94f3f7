// The engines on which a suite runs, each in a test program of its own.
#pragma once

#include "platform/db/database.h"
#include "platform/testing/temporary_folder.h"

#include <ostream>
#include <string>
#include <utility>

namespace souk::testing {

struct Engine {
    std::string name;
    db::Place (*fresh_place)();  // empty, and nobody else's
};

inline void PrintTo(const Engine& engine, std::ostream* out) { *out << engine.name; }

// A file of its own at each call, in a folder that goes when the test program ends.
inline db::Place fresh_file(std::string schema) {
    static const TemporaryFolder folder;
    static int files = 0;
    db::Place place;
    place.file = folder.path() / ("test-" + std::to_string(++files) + ".db");
    place.schema = std::move(schema);
    return place;
}

}  // namespace souk::testing
