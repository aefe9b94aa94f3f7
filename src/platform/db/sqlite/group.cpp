#include "platform/db/sqlite/group.h"

namespace souk::db::sqlite {

Group::Group(Connection& connection) : connection_(connection) {
    connection_.prepare("BEGIN IMMEDIATE").step();
}

// The first member needs no savepoint: undoing it undoes everything. That is the usual case of one
// writer with a large transaction, for which a savepoint would copy every page it touches.
void Group::enter() {
    if (is_first()) return;
    connection_.prepare("SAVEPOINT member").step();
    in_savepoint_ = true;
}

void Group::leave() {
    if (!std::exchange(in_savepoint_, false)) return;
    connection_.prepare("RELEASE member").step();
}

void Group::undo() {
    if (is_broken()) return;  // then all of it is undone at the end
    break_off_if_fails([this] {
        if (in_savepoint_) {
            connection_.prepare("ROLLBACK TO member").step();
            leave();
        } else {
            connection_.prepare("ROLLBACK").step();
            connection_.prepare("BEGIN IMMEDIATE").step();
        }
    });
}

bool Group::finish() {
    if (!is_broken()) break_off_if_fails([this] { connection_.commit(); });
    if (is_broken()) refuse(*broken_because_);
    answer();
    return !is_broken();
}

void Group::answer() {
    for (auto& each : kept_)
        std::visit([](auto& kept) { kept.reply.give(std::move(kept.result)); }, each);
    kept_.clear();
}

void Group::refuse(const Failure& why) {
    for (auto& each : kept_) std::visit([&why](auto& kept) { kept.reply.fail(why); }, each);
    kept_.clear();
}

}  // namespace souk::db::sqlite
