// The thread and the bounded queue between those who log and the descriptor they log to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace souk::log {

class Writer {
public:
    struct Options {
        int descriptor;
        std::size_t lines_queued_max;
        int stop_ms_max;
        // The line that tells of `count` lost ones, written once there is room again.
        std::function<std::string(std::uint64_t count)> loss_notice;
    };

    explicit Writer(Options options);
    ~Writer();

    // Never waits for the descriptor; the oldest line is dropped when the queue is full.
    void write(std::string_view line);

    // Writes what is queued, for stop_ms_max at most, and ends the thread. Lines that come later
    // are written by their caller.
    void stop();

    std::uint64_t dropped() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace souk::log
