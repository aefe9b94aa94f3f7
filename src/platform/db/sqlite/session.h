// One interactive transaction between its owner, on some event loop, and the writer thread.
#pragma once

#include "platform/db/database.h"
#include "platform/db/reply.h"

#include <chrono>
#include <optional>
#include <variant>

namespace souk::db::sqlite {

struct Run {
    const char* sql;
    Values values;
    Reply<Rows> reply;
};

struct RunMany {
    const char* sql;
    std::vector<Values> rows;
    Reply<std::vector<std::int64_t>> reply;
};

struct Commit {
    Reply<Done> reply;
};

struct Abandon {};  // the owner is gone, or its time is up: roll back

using Command = std::variant<Run, RunMany, Commit, Abandon>;

// Guarded by the writer's mutex.
struct Session {
    std::optional<Command> next;
    std::optional<Failure> closed_because;  // set: no command is taken any more
};

// Answers the owner of a command that will not be done.
inline void refuse(Command& command, const Failure& why) {
    if (auto* run = std::get_if<Run>(&command)) run->reply.fail(why);
    if (auto* many = std::get_if<RunMany>(&command)) many->reply.fail(why);
    if (auto* commit = std::get_if<Commit>(&command)) commit->reply.fail(why);
}

}  // namespace souk::db::sqlite
