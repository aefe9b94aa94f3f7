// souk version: what this binary is.
#include "main/commands/commands.h"

#include <iostream>

namespace souk::commands {

int version(bool as_json) {
    if (as_json) {
        std::cout << R"({"name":"souk","version":")" SOUK_VERSION R"("})" << '\n';
    } else {
        std::cout << "souk " SOUK_VERSION "\n";
    }
    return done;
}

}  // namespace souk::commands
