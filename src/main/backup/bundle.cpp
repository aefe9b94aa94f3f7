#include "main/backup/bundle.h"

#include "platform/core/error.h"
#include "platform/core/folders.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace souk::bundle {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "souk bundle 1";
constexpr std::string_view last_line = "end";
constexpr std::size_t block_bytes = 1U << 20U;
constexpr std::size_t line_bytes_max = 200;

[[noreturn]] void fail(const std::string& doing, const fs::path& path) {
    throw core::Unavailable("cannot " + doing + " " + path.string() + ": " + std::strerror(errno));
}

class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
            throw std::runtime_error("SHA-256 cannot be begun");
    }

    void add(std::string_view bytes) {
        if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1)
            throw std::runtime_error("SHA-256 failed");
    }

    std::string hex() {
        std::array<unsigned char, 32> digest{};
        if (EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1)
            throw std::runtime_error("SHA-256 failed");
        std::string text;
        for (const unsigned char byte : digest) {
            text += "0123456789abcdef"[byte >> 4U];
            text += "0123456789abcdef"[byte & 15U];
        }
        return text;
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

// A new file that is taken away again unless it is kept.
class NewFile {
public:
    explicit NewFile(fs::path path)
        : path_(std::move(path)),
          number_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
        if (number_ < 0) fail("make", path_);
    }
    ~NewFile() {
        ::close(number_);
        if (!is_kept_) ::unlink(path_.c_str());
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    void add(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t wrote = ::write(number_, bytes.data(), bytes.size());
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) fail("write", path_);
            bytes.remove_prefix(static_cast<std::size_t>(wrote));
        }
    }

    void sync() const {
        if (::fsync(number_) != 0) fail("sync", path_);
    }
    void keep() { is_kept_ = true; }
    const fs::path& path() const { return path_; }

private:
    const fs::path path_;
    const int number_;
    bool is_kept_ = false;
};

std::ifstream open_to_read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail("read", path);
    return file;
}

// Moves so many bytes, and gives their digest; nullopt when there are fewer.
std::optional<std::string> copy(std::istream& from, NewFile& to, std::uint64_t bytes,
                                const std::stop_token& stop) {
    Sha256 digest;
    std::string block(block_bytes, '\0');
    while (bytes > 0) {
        if (stop.stop_requested()) throw core::Unavailable("the backup was stopped");
        const std::uint64_t wanted = std::min<std::uint64_t>(bytes, block_bytes);
        if (!from.read(block.data(), static_cast<std::streamsize>(wanted))) return std::nullopt;
        const std::string_view got(block.data(), wanted);
        digest.add(got);
        to.add(got);
        bytes -= wanted;
    }
    return digest.hex();
}

std::optional<std::string> read_line(std::istream& from) {
    std::string line;
    for (char c = 0; line.size() < line_bytes_max && from.get(c); line += c) {
        if (c == '\n') return line;
    }
    return std::nullopt;
}

struct Head {
    std::string name;
    std::uint64_t bytes = 0;
};

// "file NAME SIZE"; the name is that of a file, never a way to another folder.
std::optional<Head> read_head(std::string_view line) {
    constexpr std::string_view begin = "file ";
    const std::size_t blank = line.rfind(' ');
    if (!line.starts_with(begin) || blank <= begin.size()) return std::nullopt;
    Head head{.name = std::string(line.substr(begin.size(), blank - begin.size()))};
    const std::string_view number = line.substr(blank + 1);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), head.bytes);
    const bool is_number = read.ec == std::errc() && read.ptr == number.data() + number.size();
    const bool is_name = head.name.find('/') == std::string::npos && head.name[0] != '.';
    return is_number && is_name ? std::optional(std::move(head)) : std::nullopt;
}

void extract_one(std::istream& bundle, const Head& head, const fs::path& folder,
                 const std::runtime_error& damaged) {
    NewFile part(folder / head.name);
    const std::optional<std::string> digest = copy(bundle, part, head.bytes, {});
    if (!digest || read_line(bundle) != "" || read_line(bundle) != "sha256 " + *digest)
        throw damaged;
    part.sync();
    part.keep();
}

}  // namespace

void write(const std::vector<fs::path>& parts, const fs::path& file, const std::stop_token& stop) {
    if (fs::exists(fs::symlink_status(file)))
        throw std::runtime_error(file.string() + " exists; nothing is overwritten");
    NewFile draft(file.string() + ".part");
    draft.add(std::string(first_line) + "\n");
    for (const fs::path& path : parts) {
        const std::uint64_t bytes = fs::file_size(path);
        draft.add("file " + path.filename().string() + " " + std::to_string(bytes) + "\n");
        std::ifstream from = open_to_read(path);
        const std::optional<std::string> digest = copy(from, draft, bytes, stop);
        if (!digest) fail("read", path);
        draft.add("\nsha256 " + *digest + "\n");
    }
    draft.add(std::string(last_line) + "\n");
    draft.sync();
    // A second name rather than a rename, which would replace a file that has come since.
    if (::link(draft.path().c_str(), file.c_str()) != 0) fail("make", file);
    core::sync_folder(fs::absolute(file).parent_path());
}

bool is_bundle(const fs::path& file) {
    std::ifstream bundle(file, std::ios::binary);
    return read_line(bundle) == first_line;
}

std::vector<std::string> extract(const fs::path& file, const fs::path& folder) {
    const std::runtime_error damaged(file.string() + " is damaged");
    std::ifstream bundle = open_to_read(file);
    if (read_line(bundle) != first_line) throw damaged;
    std::vector<std::string> names;
    while (const std::optional<std::string> line = read_line(bundle)) {
        if (*line == last_line) {
            core::sync_folder(folder);
            return names;
        }
        const std::optional<Head> head = read_head(*line);
        if (!head) throw damaged;
        extract_one(bundle, *head, folder, damaged);
        names.push_back(head->name);
    }
    throw damaged;
}

}  // namespace souk::bundle
