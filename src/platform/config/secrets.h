// Secrets nobody set: made at first start and kept in the data directory, readable by its owner
// only.
#pragma once

#include "platform/core/random.h"

#include <filesystem>
#include <functional>
#include <string>

namespace souk::config {

// Reads DATA/secrets/NAME, or makes it. It is on disk before this returns, and of two programs
// starting at once both get the same. Throws std::runtime_error with a message for people.
std::string kept_secret(const std::filesystem::path& data_directory, const std::string& name,
                        core::Random& random);

// The same for one with a form of its own, such as a key pair: `make` gives it when it is missing.
std::string kept_secret(const std::filesystem::path& data_directory, const std::string& name,
                        const std::function<std::string()>& make);

bool is_secret_kept(const std::filesystem::path& data_directory, const std::string& name);

// The content of a file named by NAME_FILE, without the newline at its end. Throws as above.
std::string read_secret_file(const std::filesystem::path& path);

}  // namespace souk::config
