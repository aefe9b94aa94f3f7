// The durable hand-over: an order answered with success is in this log, whatever happens next.
// SQLite for one process; a Kafka producer stands behind the same interface when there are several.
#pragma once

#include "services/flash/pending_order.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace souk::flash {

class LogListener {
public:
    virtual ~LogListener() = default;

    // It is certain now that these entries are in the log for good, or that they are not and never
    // will be. Called once for every appended entry, in the order of the log, on any thread.
    virtual void settled(std::span<const LogEntry> entries, bool durable) = 0;
};

class OrderLog {
public:
    virtual ~OrderLog() = default;

    // Everything in the log that was not forgotten, oldest first. Before start().
    virtual std::vector<LogEntry> stored() = 0;

    // From here on entries can be appended.
    virtual void start(LogListener& listener) = 0;

    // Never blocks. The listener is told exactly once what became of the entry, possibly before
    // this returns; how long that takes is not bounded (a failed commit stays undecided until it
    // can be read back), so whoever waits brings a deadline.
    virtual void append(LogEntry entry) = 0;

    // Everything up to this position is in the database; the log may drop it once the keys in it
    // have outlived their life.
    virtual void consumed(std::int64_t position) = 0;

    // Names this log; the worker's position is kept under it.
    virtual const std::string& identity() const = 0;

    virtual bool healthy() const = 0;

    // Settles what was appended and ends. What is undecided then stays so: the next start reads it.
    virtual void stop() = 0;
};

}  // namespace souk::flash
