// The doctor's look at the machine: ports, disk, clock, limits, the data directory.
#include "main/commands/doctor/doctor.h"
#include "main/data_directory.h"
#include "main/operations/operations.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <optional>
#include <sstream>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

namespace souk::commands {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1'024 * 1'024;
constexpr std::uint64_t space_wrong = 100 * mib;
constexpr std::uint64_t space_low = 2'048 * mib;
constexpr double sync_slow_ms = 10;
constexpr std::int64_t first_sane_year = 2'025;

// The directory, or its nearest parent that is there.
fs::path nearest_directory(const Config& config) {
    fs::path path = fs::absolute(config.data_dir);
    while (!fs::is_directory(path) && path.has_parent_path() && path != path.parent_path())
        path = path.parent_path();
    return path;
}

// The process that holds the data directory, when it is held.
std::optional<std::string> holder(const Config& config) {
    if (!DataDirectory::is_in_use(config.data_dir)) return std::nullopt;
    std::ifstream lock(config.data_dir + "/souk.lock");
    std::string pid;
    lock >> pid;
    return pid;
}

// The inodes of sockets that listen on this port, of both families.
std::vector<std::string> listening_sockets(std::uint16_t port) {
    std::vector<std::string> inodes;
    for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream file(table);
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line)) {
            std::istringstream cells(line);
            std::array<std::string, 10> cell;
            for (std::string& each : cell) cells >> each;
            const std::string hex = cell[1].substr(cell[1].find(':') + 1);
            const bool is_port = std::strtoul(hex.c_str(), nullptr, 16) == port;
            if (is_port && cell[3] == "0A") inodes.push_back("socket:[" + cell[9] + "]");
        }
    }
    return inodes;
}

bool belongs_to(const std::vector<std::string>& sockets, const std::string& pid) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc/" + pid + "/fd", error)) {
        const std::string target = fs::read_symlink(entry.path(), error).string();
        if (std::find(sockets.begin(), sockets.end(), target) != sockets.end()) return true;
    }
    return false;
}

Finding check_port(const std::string& what, const std::string& setting, std::uint16_t port,
                   const std::optional<std::string>& pid) {
    const std::string check = "port " + std::to_string(port) + " (" + what + ")";
    const std::vector<std::string> sockets = listening_sockets(port);
    if (sockets.empty()) {
        if (!pid) return ok(check, "free");
        return {check, "warning", "nobody listens, though process " + *pid + " uses the data",
                "the running souk has another port, or it is starting or stopping",
                "give the doctor the same settings as the program (" + setting + ")"};
    }
    if (pid && belongs_to(sockets, *pid)) return ok(check, "the running souk, process " + *pid);
    return {check, "wrong", "another program listens there", "souk refuses to start on it",
            "stop that program (`ss -ltnp` names it), or set " + setting + " to a free port"};
}

std::optional<double> median_sync_ms(const fs::path& directory, std::string& problem) {
    std::string name = (directory / ".souk-doctor-XXXXXX").string();
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file < 0) {
        problem = std::strerror(errno);
        return std::nullopt;
    }
    ::unlink(name.c_str());
    const std::array<char, 4'096> page{};
    std::array<double, 9> took{};
    for (double& each : took) {
        const auto began = std::chrono::steady_clock::now();
        if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0) {
            problem = std::strerror(errno);
            ::close(file);
            return std::nullopt;
        }
        const std::chrono::duration<double, std::milli> time =
            std::chrono::steady_clock::now() - began;
        each = time.count();
    }
    ::close(file);
    std::sort(took.begin(), took.end());
    return took[took.size() / 2];
}

std::string one_decimal(double number) {
    std::ostringstream text;
    text.precision(number < 10 ? 2 : 0);
    text << std::fixed << number;
    return text.str();
}

}  // namespace

Findings check_ports(const Config& config, const std::vector<std::string>& services) {
    const std::optional<std::string> pid = holder(config);
    Findings all = {check_port("operations", "SOUK_ADMIN_PORT", config.admin_port, pid)};
    for (const std::string& name : services) {
        if (name == "flash") {
            all.push_back(check_port("flash API", "FLASH_PORT", config.flash.port, pid));
            all.push_back(check_port("flash waiting room", "FLASH_WAITING_ROOM_PORT",
                                     config.flash.waiting_room_port, pid));
        }
        if (name == "store")
            all.push_back(check_port("store API", "STORE_PORT", config.store.port, pid));
    }
    return all;
}

Finding check_space(const Config& config) {
    const fs::path path = nearest_directory(config);
    struct statvfs disk{};
    if (::statvfs(path.c_str(), &disk) != 0) {
        return {"disk space", "wrong", path.string() + ": " + std::strerror(errno),
                "nothing can be kept", "check that the disk is mounted"};
    }
    const std::uint64_t free = disk.f_bavail * disk.f_frsize;
    const std::string found = std::to_string(free / mib) + " MiB free at " + path.string();
    if (free >= space_low) return ok("disk space", found);
    return {"disk space", free < space_wrong ? "wrong" : "warning", found,
            "on a full disk orders get 500 until there is space again",
            "free some, use a larger disk, or bound the tables with FLASH_ORDERS_KEEP_DAYS"};
}

Finding check_sync_speed(const Config& config) {
    const fs::path path = nearest_directory(config);
    std::string problem;
    const std::optional<double> median = median_sync_ms(path, problem);
    if (!median) {
        return {"sync speed", "wrong", "cannot write in " + path.string() + ": " + problem,
                "no order can be made durable", "make it writable for this user"};
    }
    const std::string found = one_decimal(*median) + " ms for one sync (median of nine)";
    if (*median <= sync_slow_ms) return ok("sync speed", found);
    return {"sync speed", "warning", found, "every accepted order waits for one before its answer",
            "put the data directory on a local SSD, not on a network disk"};
}

Finding check_clock() {
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const std::chrono::year_month_day date(today);
    const int year = static_cast<int>(date.year());
    if (year < first_sane_year) {
        return {"clock", "wrong", "the year is " + std::to_string(year),
                "order ids, key lives and retention count with it",
                "set the clock and run a time service (chrony, systemd-timesyncd)"};
    }
    timex state{};
    const int code = ::adjtimex(&state);
    if (code < 0 || (code != TIME_ERROR && (state.status & STA_UNSYNC) == 0))
        return ok("clock", code < 0 ? "set" : "set and kept in step");
    return {"clock", "warning", "set, but no time service keeps it in step",
            "it drifts; after a jump back new orders seem older than they are",
            "run chrony or systemd-timesyncd (in a container: on its host)"};
}

Finding check_descriptors(const Config& config) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const std::uint64_t needed =
        config.http.connections_max + operations::capacity.connections_max + 256;
    const std::string found = std::to_string(limit.rlim_max) + " open files allowed, " +
                              std::to_string(needed) + " wanted";
    if (limit.rlim_max >= needed) return ok("file limit", found);
    return {"file limit", limit.rlim_max < 512 ? "wrong" : "warning", found,
            "each connection is an open file; beyond the limit clients are not accepted",
            "raise it (systemd: LimitNOFILE=" + std::to_string(needed) +
                ") or lower SOUK_HTTP_MAX_CONNECTIONS"};
}

Finding check_directory(const Config& config) {
    const std::string path = fs::absolute(config.data_dir).lexically_normal().string();
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) {
        const fs::path parent = nearest_directory(config);
        if (::access(parent.c_str(), W_OK) == 0)
            return ok("data directory", path + " is not there; the first start makes it");
        return {"data directory", "wrong", path + " is not there and cannot be made",
                "souk does not start without it",
                "make " + path + " and give it to the user souk runs as"};
    }
    if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
        return {"data directory", "wrong", path + " is not writable for this user",
                "nothing can be kept",
                "chown it to the user souk runs as, or run the doctor as that user"};
    }
    const std::optional<std::string> pid = holder(config);
    const std::string use = pid ? "used by the running souk, process " + *pid : "nobody uses it";
    if ((found.st_mode & S_IWOTH) == 0) return ok("data directory", path + ", " + use);
    return {"data directory", "warning", path + " is writable for everybody, " + use,
            "any user of this machine can change orders", "chmod 750 " + path};
}

}  // namespace souk::commands
