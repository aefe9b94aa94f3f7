#include "platform/log/log.h"

#include "platform/log/writer.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace souk::log {
namespace {

struct Style {
    bool pretty = false;
    bool coloured = false;
};

Style style_for(Format format, int descriptor) {
    const bool on_terminal = ::isatty(descriptor) == 1;
    const bool wants_colour = std::getenv("NO_COLOR") == nullptr;
    const bool pretty = format == Format::pretty || (format == Format::automatic && on_terminal);
    return {pretty, pretty && on_terminal && wants_colour};
}

void write_styled(const Record& record, Style style, std::string& line) {
    style.pretty ? write_pretty(record, style.coloured, line) : write_json(record, line);
}

core::Time now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

struct Started {
    Style style;
    std::unique_ptr<Writer> writer;
};

std::atomic<Level> level_min{Level::info};
std::atomic<Started*> current{nullptr};

// Those that ever were current: a thread may still be inside one when the next is started.
struct Kept {
    std::mutex mutex;
    std::vector<std::unique_ptr<Started>> all;
};

Kept& kept() {
    static Kept* const forever = new Kept;  // outlives every thread that may log at the end
    return *forever;
}

void emit(const Record& record) {
    thread_local std::string line;
    line.clear();
    if (Started* const started = current.load(std::memory_order_acquire)) {
        write_styled(record, started->style, line);
        started->writer->write(line);
        return;
    }
    write_styled(record, style_for(Format::automatic, STDERR_FILENO), line);
    // Nobody is left to tell when stderr itself is gone.
    static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
}

void say(Level level, std::string_view service, std::string_view message,
         std::initializer_list<Field> fields) {
    if (!enabled(level)) return;
    emit({
        now(), level, service, message, {fields.begin(), fields.size()}
    });
}

}  // namespace

void start(const Options& options) {
    auto started = std::make_unique<Started>();
    started->style = style_for(options.format, options.descriptor);
    const Style style = started->style;
    started->writer = std::make_unique<Writer>(Writer::Options{
        options.descriptor, options.lines_queued_max, options.stop_ms_max,
        [style](std::uint64_t count) {
            const Field lost("lines", count);
            std::string line;
            write_styled(
                {
                    now(), Level::warn, "souk", "log lines were dropped", {&lost, 1}
            },
                style, line);
            return line;
        }});
    stop();
    level_min.store(options.level, std::memory_order_relaxed);
    const std::lock_guard lock(kept().mutex);
    current.store(started.get(), std::memory_order_release);
    kept().all.push_back(std::move(started));
}

void stop() {
    if (Started* const started = current.load(std::memory_order_acquire)) started->writer->stop();
}

std::uint64_t dropped() {
    Started* const started = current.load(std::memory_order_acquire);
    return started == nullptr ? 0 : started->writer->dropped();
}

bool enabled(Level level) noexcept { return level >= level_min.load(std::memory_order_relaxed); }

void debug(std::string_view service, std::string_view message,
           std::initializer_list<Field> fields) {
    say(Level::debug, service, message, fields);
}

void info(std::string_view service, std::string_view message, std::initializer_list<Field> fields) {
    say(Level::info, service, message, fields);
}

void warn(std::string_view service, std::string_view message, std::initializer_list<Field> fields) {
    say(Level::warn, service, message, fields);
}

void error(std::string_view service, std::string_view message,
           std::initializer_list<Field> fields) {
    say(Level::error, service, message, fields);
}

void access(const Access& access) {
    if (!enabled(Level::info)) return;
    emit({now(), Level::info, access.service, {}, {}, &access});
}

}  // namespace souk::log
