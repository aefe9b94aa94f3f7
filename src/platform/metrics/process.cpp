#include "platform/metrics/process.h"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace souk::metrics {
namespace {

std::string read_proc(const char* path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().empty()) throw std::runtime_error(std::string("cannot read ") + path);
    return text.str();
}

double cpu_seconds() {
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);  // cannot fail with these arguments
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(use.ru_utime) + seconds(use.ru_stime);
}

// The kernel counts from its own start; the clocks that run since then say when that was.
double start_time_seconds() {
    const std::string stat = read_proc("/proc/self/stat");
    // The program's name, in brackets, may itself hold spaces and brackets.
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 22; ++field) fields >> skipped;
    double start_ticks = 0;
    fields >> start_ticks;

    timespec since_boot{};
    ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
    const double up =
        static_cast<double>(since_boot.tv_sec) + static_cast<double>(since_boot.tv_nsec) / 1e9;
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    return now.count() - up + start_ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::uint64_t resident_bytes() {
    std::istringstream fields(read_proc("/proc/self/statm"));
    std::uint64_t size_pages = 0;
    std::uint64_t resident_pages = 0;
    fields >> size_pages >> resident_pages;
    return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_descriptors() {
    std::uint64_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        static_cast<void>(entry);
        ++count;
    }
    return count - 1;  // without the one that read the folder
}

ProcessUse process_use() {
    return {resident_bytes(), cpu_seconds(), open_descriptors(), start_time_seconds()};
}

std::vector<Gauge> process_gauges(Registry& registry) {
    // Taken once: the clocks it is computed from drift, the start does not.
    const double started = start_time_seconds();
    std::vector<Gauge> gauges;
    gauges.push_back(registry.gauge("process_resident_memory_bytes", "Memory held, in bytes", {},
                                    [] { return static_cast<double>(resident_bytes()); }));
    gauges.push_back(registry.total("process_cpu_seconds_total",
                                    "CPU time used, user and system, in seconds", {}, cpu_seconds));
    gauges.push_back(registry.gauge("process_open_fds", "Open file descriptors", {},
                                    [] { return static_cast<double>(open_descriptors()); }));
    gauges.push_back(registry.gauge("process_start_time_seconds",
                                    "When the process started, in seconds since 1970", {},
                                    [started] { return started; }));
    return gauges;
}

}  // namespace souk::metrics
