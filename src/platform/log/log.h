// The program's log: one line per event, written to stderr by a thread of its own, so that an event
// loop never waits for a terminal or a pipe. When the queue is full the oldest lines are dropped
// and counted. Before start and after stop, lines are written at once by the caller.
#pragma once

#include "platform/log/record.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace souk::log {

enum class Format {
    automatic,  // pretty on a terminal, JSON elsewhere
    pretty,
    json
};

struct Options {
    Format format = Format::automatic;
    Level level = Level::info;  // lines below are not written
    std::size_t lines_queued_max = 8192;
    int descriptor = 2;      // tests read the other end of a pipe
    int stop_ms_max = 2000;  // stop gives up on a reader that does not read
};

void start(const Options& options);

// Writes what is queued and ends the writing thread.
void stop();

// Lines lost since start, because the queue was full or the descriptor refused them.
std::uint64_t dropped();

bool enabled(Level level) noexcept;

void debug(std::string_view service, std::string_view message, std::initializer_list<Field> = {});
void info(std::string_view service, std::string_view message, std::initializer_list<Field> = {});
void warn(std::string_view service, std::string_view message, std::initializer_list<Field> = {});
void error(std::string_view service, std::string_view message, std::initializer_list<Field> = {});

// One line per request, at level info.
void access(const Access& access);

}  // namespace souk::log
