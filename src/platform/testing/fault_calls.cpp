#include "platform/testing/fault_calls.h"

#include <cerrno>
#include <cstdarg>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

// What --wrap makes of the names: __real_NAME is the system's, and NAME becomes __wrap_NAME.
extern "C" {
int __real_open(const char* path, int flags, ...);
int __real_close(int file);
int __real_mkdir(const char* path, ::mode_t mode);
int __real_link(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_chmod(const char* path, ::mode_t mode);
int __real_fchmod(int file, ::mode_t mode);
int __real_fsync(int file);
int __real_ftruncate(int file, ::off_t size);
::ssize_t __real_write(int file, const void* from, std::size_t bytes);
::ssize_t __real_pwrite(int file, const void* from, std::size_t bytes, ::off_t offset);
}

namespace souk::testing {
namespace {

namespace fs = std::filesystem;

struct State {
    std::mutex mutex;
    bool is_on = false;
    int passes_before_fault = -1;  // negative: none
    int error = 0;
    bool lasts = false;
    int failures = 0;
    int syncs_before_skip = -1;  // likewise
    int skips = 0;
    std::map<int, std::string> opened;  // paths by descriptor
    std::set<std::string> unsynced_names;
    std::set<std::string> unsynced_contents;

    // True when this call has to fail.
    bool fails() {
        if (!is_on || passes_before_fault < 0) return false;
        if (passes_before_fault > 0) {
            --passes_before_fault;
            return false;
        }
        if (!lasts) passes_before_fault = -1;
        ++failures;
        errno = error;
        return true;
    }
    void made(const std::string& path) {
        if (is_on) unsynced_names.insert(path);
    }
    void changed(int file) {
        if (const auto found = opened.find(file); is_on && found != opened.end())
            unsynced_contents.insert(found->second);
    }
};

State& state() {
    static State only;
    return only;
}

std::string whole(const char* path) { return fs::absolute(path).lexically_normal().string(); }

// A file's content has as many names as it was linked to; all are told apart by the first.
void take_content(const std::string& from, const std::string& to) {
    if (state().unsynced_contents.contains(from)) state().unsynced_contents.insert(to);
}

void synced(const std::string& path) {
    State& all = state();
    all.unsynced_contents.erase(path);
    std::erase_if(all.unsynced_names, [&path](const std::string& name) {
        return fs::path(name).parent_path() == path;
    });
}

// Writes give half and then the error, as a disk that becomes full.
template <typename Call>
::ssize_t write_with_faults(int file, std::size_t bytes, Call call) {
    const std::lock_guard lock(state().mutex);
    const bool fails = state().fails();
    const int error = errno;
    const ::ssize_t written = call(fails ? bytes / 2 : bytes);
    state().changed(file);
    if (!fails) return written;
    errno = error;
    return -1;
}

}  // namespace

FaultCalls::FaultCalls() {
    const std::lock_guard lock(state().mutex);
    state().is_on = true;
    state().failures = state().skips = 0;
    state().passes_before_fault = state().syncs_before_skip = -1;
    state().unsynced_names.clear();
    state().unsynced_contents.clear();
}

FaultCalls::~FaultCalls() {
    const std::lock_guard lock(state().mutex);
    state().is_on = false;
}

void FaultCalls::fail_nth(int n, int error, bool lasts) {
    const std::lock_guard lock(state().mutex);
    state().passes_before_fault = n;
    state().error = error;
    state().lasts = lasts;
}

void FaultCalls::fail_none() {
    const std::lock_guard lock(state().mutex);
    state().passes_before_fault = -1;
}

void FaultCalls::skip_nth_sync(int n) {
    const std::lock_guard lock(state().mutex);
    state().syncs_before_skip = n;
}

int FaultCalls::failures() const {
    const std::lock_guard lock(state().mutex);
    return state().failures;
}

int FaultCalls::skips() const {
    const std::lock_guard lock(state().mutex);
    return state().skips;
}

bool FaultCalls::is_durable(const fs::path& path) const {
    const std::lock_guard lock(state().mutex);
    fs::path name = whole(path.c_str());
    if (!fs::exists(name) || state().unsynced_contents.contains(name.string())) return false;
    for (; name != name.root_path(); name = name.parent_path()) {
        if (state().unsynced_names.contains(name.string())) return false;
    }
    return true;
}

}  // namespace souk::testing

extern "C" {

using souk::testing::state;
using souk::testing::whole;

int __wrap_open(const char* path, int flags, ...) {
    ::mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list rest;
        va_start(rest, flags);
        mode = static_cast<::mode_t>(va_arg(rest, int));
        va_end(rest);
    }
    const std::lock_guard lock(state().mutex);
    if (state().fails()) return -1;
    const bool is_new = (flags & O_CREAT) != 0 && !std::filesystem::exists(path);
    const int file = __real_open(path, flags, mode);
    if (file < 0) return file;
    state().opened[file] = whole(path);
    if (is_new) state().made(whole(path));
    return file;
}

int __wrap_close(int file) {
    {
        const std::lock_guard lock(state().mutex);
        state().opened.erase(file);
    }
    return __real_close(file);
}

int __wrap_mkdir(const char* path, ::mode_t mode) {
    const std::lock_guard lock(state().mutex);
    if (state().fails()) return -1;
    const int result = __real_mkdir(path, mode);
    if (result == 0) state().made(whole(path));
    return result;
}

int __wrap_link(const char* from, const char* to) {
    const std::lock_guard lock(state().mutex);
    if (state().fails()) return -1;
    const int result = __real_link(from, to);
    if (result == 0) {
        state().made(whole(to));
        souk::testing::take_content(whole(from), whole(to));
    }
    return result;
}

int __wrap_unlink(const char* path) {
    const std::lock_guard lock(state().mutex);
    if (state().fails()) return -1;
    const int result = __real_unlink(path);
    if (result == 0) {
        state().unsynced_names.erase(whole(path));
        state().unsynced_contents.erase(whole(path));
    }
    return result;
}

int __wrap_chmod(const char* path, ::mode_t mode) {
    const std::lock_guard lock(state().mutex);
    return state().fails() ? -1 : __real_chmod(path, mode);
}

int __wrap_fchmod(int file, ::mode_t mode) {
    const std::lock_guard lock(state().mutex);
    return state().fails() ? -1 : __real_fchmod(file, mode);
}

int __wrap_ftruncate(int file, ::off_t size) {
    const std::lock_guard lock(state().mutex);
    if (state().fails()) return -1;
    state().changed(file);
    return __real_ftruncate(file, size);
}

int __wrap_fsync(int file) {
    const std::lock_guard lock(state().mutex);
    if (state().fails()) return -1;
    if (state().is_on && state().syncs_before_skip >= 0 && state().syncs_before_skip-- == 0) {
        ++state().skips;
        return 0;
    }
    const int result = __real_fsync(file);
    const auto found = state().opened.find(file);
    if (result == 0 && found != state().opened.end()) souk::testing::synced(found->second);
    return result;
}

::ssize_t __wrap_write(int file, const void* from, std::size_t bytes) {
    return souk::testing::write_with_faults(
        file, bytes, [&](std::size_t some) { return __real_write(file, from, some); });
}

::ssize_t __wrap_pwrite(int file, const void* from, std::size_t bytes, ::off_t offset) {
    return souk::testing::write_with_faults(
        file, bytes, [&](std::size_t some) { return __real_pwrite(file, from, some, offset); });
}
}
