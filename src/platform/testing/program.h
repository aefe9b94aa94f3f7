// Other programs that tests run.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace souk::testing {

// Of 127.0.0.1; free now, and the kernel does not give it to another socket soon.
int free_port();

// Runs it with its output appended to `log`. Throws std::system_error.
pid_t spawn_program(const std::vector<std::string>& command, const std::filesystem::path& log);

}  // namespace souk::testing
