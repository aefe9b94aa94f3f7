// Turns: so many at a time, the next in the order in which they came. Any thread, any loop.
#pragma once

#include "platform/core/task.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

namespace souk::core {

class Turns {
public:
    class Turn;

    // 0: as many as come.
    explicit Turns(std::size_t at_once_max);

    // nullopt: it did not come within `patience`. Whoever is broken off while waiting leaves the
    // line. How many may wait is for the caller to bound.
    Task<std::optional<Turn>> take(std::chrono::milliseconds patience);

private:
    struct Ticket;
    class Line;

    const std::shared_ptr<Line> line_;  // of turns that outlive this object as well
};

// A place, or one in the line. Goes to the next when this object is destroyed, on any thread.
class Turns::Turn {
public:
    explicit Turn(std::shared_ptr<Line> line);
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

private:
    friend class Turns;
    bool has_come() const;

    std::shared_ptr<Line> line_;
    std::shared_ptr<Ticket> ticket_;  // null: moved away
};

}  // namespace souk::core
