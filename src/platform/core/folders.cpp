#include "platform/core/folders.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace souk::core {
namespace {

namespace fs = std::filesystem;
constexpr ::mode_t usual_mode = 0777;  // less the umask

[[noreturn]] void fail(int error, const std::string& doing, const fs::path& path) {
    throw std::system_error(error, std::generic_category(),
                            "cannot " + doing + " " + path.string());
}

// Gives 0 or an error number.
int try_to_sync(const fs::path& folder) {
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return errno;
    const int error = ::fsync(opened) == 0 ? 0 : errno;
    ::close(opened);
    return error == EINVAL ? 0 : error;  // that is: a file system without such a thing
}

}  // namespace

void sync_folder(const fs::path& folder) {
    if (const int error = try_to_sync(folder); error != 0) fail(error, "sync", folder);
}

void make_folders(const fs::path& path, ::mode_t mode) {
    fs::path there = fs::absolute(path).lexically_normal();
    if (!there.has_filename()) there = there.parent_path();  // "a/b/"
    std::vector<fs::path> missing;
    for (; !fs::exists(there); there = there.parent_path()) missing.push_back(there);

    // A process before may have made this one and been killed before it could sync. Where one may
    // not look or write, none has made it.
    const int error = try_to_sync(there.parent_path());
    if (error != 0 && error != EACCES && error != EROFS) fail(error, "sync", there.parent_path());
    for (; !missing.empty(); missing.pop_back()) {
        const fs::path& folder = missing.back();
        const ::mode_t given = missing.size() == 1 ? mode : usual_mode;
        if (::mkdir(folder.c_str(), given) != 0 && errno != EEXIST) fail(errno, "make", folder);
        sync_folder(folder.parent_path());
    }
}

}  // namespace souk::core
