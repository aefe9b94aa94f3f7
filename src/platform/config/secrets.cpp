#include "platform/config/secrets.h"

#include "platform/core/folders.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace souk::config {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t file_bytes_max = 64 * 1024;

[[noreturn]] void fail(const std::string& doing, const std::filesystem::path& path) {
    const int error = errno;
    throw std::runtime_error("cannot " + doing + " " + path.string() + ": " + std::strerror(error));
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    bool is_open() const { return number_ >= 0; }
    int number() const { return number_; }

private:
    int number_;
};

std::string read_all(const Descriptor& file, const std::filesystem::path& path) {
    std::string content(file_bytes_max + 1, '\0');
    std::size_t filled = 0;
    while (filled < content.size()) {
        const ssize_t got = ::read(file.number(), content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("read", path);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > file_bytes_max) {
        throw std::runtime_error(path.string() + " is larger than 64 KiB, which no secret is");
    }
    content.resize(filled);
    while (!content.empty() && (content.back() == '\n' || content.back() == '\r'))
        content.pop_back();
    if (content.empty()) throw std::runtime_error(path.string() + " is empty");
    return content;
}

void write_all(const Descriptor& file, std::string_view text, const std::filesystem::path& path) {
    while (!text.empty()) {
        const ssize_t wrote = ::write(file.number(), text.data(), text.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) fail("write", path);
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

void make_folder(const std::filesystem::path& folder) {
    core::make_folders(folder, 0700);
    // Also one that exists, and whatever the umask left of the mode.
    if (::chmod(folder.c_str(), 0700) != 0) fail("protect", folder);
}

std::string read_kept(const Descriptor& file, const std::filesystem::path& path) {
    struct stat about{};
    if (::fstat(file.number(), &about) != 0) fail("look at", path);
    if ((about.st_mode & 077U) != 0) {
        throw std::runtime_error(
            path.string() +
            " can be read by others; use chmod 600 on it, or remove it to get a new secret");
    }
    return read_all(file, path);
}

// A file that is taken away again, whatever happens.
class Draft {
public:
    Draft(std::filesystem::path path, const std::string& text) : path_(std::move(path)) {
        const Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file.is_open()) fail("make", path_);
        try {
            write_all(file, text, path_);
            if (::fchmod(file.number(), 0600) != 0) fail("protect", path_);
            if (::fsync(file.number()) != 0) fail("sync", path_);
        } catch (...) {
            ::unlink(path_.c_str());
            throw;
        }
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() { ::unlink(path_.c_str()); }

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// Written beside its place and then linked there: link refuses to replace one that is there
// already, so of two programs that start at once the later takes the earlier's.
void make_kept(const std::filesystem::path& path, const std::string& value) {
    core::SystemRandom random;  // the injected one may give others the same name
    const Draft draft(path.string() + ".draft-" + core::random_hex(random, 8), value + "\n");
    if (::link(draft.path().c_str(), path.c_str()) != 0 && errno != EEXIST) fail("make", path);
}

std::filesystem::path place_of(const std::filesystem::path& data_directory,
                               const std::string& name) {
    return std::filesystem::absolute(data_directory) / "secrets" / name;
}

}  // namespace

std::string kept_secret(const std::filesystem::path& data_directory, const std::string& name,
                        core::Random& random) {
    return kept_secret(data_directory, name,
                       [&random] { return core::random_hex(random, secret_bytes); });
}

std::string kept_secret(const std::filesystem::path& data_directory, const std::string& name,
                        const std::function<std::string()>& make) {
    const std::filesystem::path path = place_of(data_directory, name);
    make_folder(path.parent_path());
    if (!is_secret_kept(data_directory, name)) make_kept(path, make());
    // Also one that was there: whoever made it may have been killed before it could do this.
    core::sync_folder(path.parent_path());

    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) fail("open", path);
    return read_kept(file, path);
}

bool is_secret_kept(const std::filesystem::path& data_directory, const std::string& name) {
    return std::filesystem::exists(place_of(data_directory, name));
}

std::string read_secret_file(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) fail("open", path);
    return read_all(file, path);
}

}  // namespace souk::config
