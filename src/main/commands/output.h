// What commands that list things print.
#pragma once

#include "platform/json/write.h"

#include <cstdint>
#include <iostream>
#include <memory_resource>
#include <string>
#include <vector>

namespace souk::commands {

// Columns as wide as they need to be; foreign text cannot harm the terminal.
void print_table(const std::vector<std::string>& names,
                 const std::vector<std::vector<std::string>>& rows);

std::string time_text(std::int64_t unix_ms);  // "2026-11-21 14:28:52", UTC; empty for 0

template <typename T>
void print_json(const T& value) {
    std::pmr::monotonic_buffer_resource memory;
    json::Output out(&memory);
    json::write(value, out);
    std::cout << out << '\n';
}

}  // namespace souk::commands
