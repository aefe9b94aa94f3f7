// Several files in one, each with its size and SHA-256, so that a changed letter is found: a line
// that names the file, its bytes, a line with their digest. All functions block.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace souk::bundle {

// Writes a new file that only this user can read, from these files under their own names, and syncs
// it. Throws std::runtime_error when `file` exists, core::Unavailable when something cannot be read
// or written, or it is told to stop; then there is no file.
void write(const std::vector<std::filesystem::path>& parts, const std::filesystem::path& file,
           const std::stop_token& stop = {});

bool is_bundle(const std::filesystem::path& file);

// Puts the files of a bundle into this folder, synced, and gives their names. Throws
// std::runtime_error when the bundle is damaged, core::Unavailable when the disk is.
std::vector<std::string> extract(const std::filesystem::path& file,
                                 const std::filesystem::path& folder);

}  // namespace souk::bundle
