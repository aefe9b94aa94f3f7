// The operations listener of a program that runs: both services behind their doors, with their
// listeners on loopback, and the listener itself behind the server's own session. Once with the
// admin token and once without.
#pragma once

#include "fuzz/support/markers.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace souk::fuzz {

inline constexpr std::string_view admin_token = "open-sesame-7341";
inline constexpr std::string_view secret = "hunter2-hunter2";  // all other secrets
// Stands in everything that is told to those who may ask, and nowhere else.
inline constexpr std::string_view canary = "canary-5150";

class House {
public:
    House();
    ~House();

    // What a client gets that sends this, and then nothing more.
    std::string send_without_token(std::string_view bytes);  // nobody is asked for one
    std::string send_with_token(std::string_view bytes);     // everybody is

    // A cookie's value that counts now.
    std::string session() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace souk::fuzz
