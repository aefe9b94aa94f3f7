// Folders that are still there after a power cut. A name is on the disk only once the folder it
// stands in has been synced; until then all that lies below it can be lost, however well it was
// synced itself.
#pragma once

#include <filesystem>
#include <sys/types.h>

namespace souk::core {

// Makes what is missing of the path and returns when its name and all above are on the disk. The
// mode is the last folder's; those above get the usual one. Throws std::system_error.
void make_folders(const std::filesystem::path& path, ::mode_t mode = 0777);

// The names in this folder are on the disk afterwards. Throws std::system_error.
void sync_folder(const std::filesystem::path& folder);

}  // namespace souk::core
