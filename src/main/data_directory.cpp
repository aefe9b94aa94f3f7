#include "main/data_directory.h"

#include "platform/core/folders.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace souk {
namespace {

std::string lock_path(const std::string& directory) { return directory + "/souk.lock"; }

std::string owner_of(int lock) {
    char text[32] = {};
    const ssize_t length = ::pread(lock, text, sizeof(text) - 1, 0);
    return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : "unknown";
}

}  // namespace

DataDirectory::DataDirectory(const std::string& path) {
    try {
        core::make_folders(path);
    } catch (const std::system_error& failure) {
        throw std::runtime_error("data directory " + path + " cannot be made: " + failure.what());
    }
    lock_ = ::open(lock_path(path).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) {
        throw std::runtime_error(
            "data directory " + path + " cannot be used: " + std::strerror(errno) +
            ". Make it writable for this user, or set another with --data-dir");
    }
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        const std::string owner = owner_of(lock_);
        ::close(lock_);
        throw std::runtime_error(
            "data directory " + path + " is in use by another souk (process " + owner +
            "). Stop that one, or give this one a directory of its own with --data-dir");
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock_, 0) != 0 || ::pwrite(lock_, pid.data(), pid.size(), 0) < 0) {
        // The lock holds all the same; only the message to a second process would lack the number.
        return;
    }
}

DataDirectory::~DataDirectory() { ::close(lock_); }

bool DataDirectory::is_in_use(const std::string& path) {
    const int lock = ::open(lock_path(path).c_str(), O_RDWR | O_CLOEXEC);
    if (lock < 0) return false;
    const bool in_use = ::flock(lock, LOCK_EX | LOCK_NB) != 0;
    ::close(lock);
    return in_use;
}

}  // namespace souk
