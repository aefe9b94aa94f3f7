// The outer transaction in which several writers' transactions are committed with one sync.
#pragma once

#include "platform/db/reply.h"
#include "platform/db/sqlite/connection.h"

#include <exception>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace souk::db::sqlite {

// Members follow each other: enter, then statements, then keep or undo. What was kept is promised
// only when finish() has committed. An error that is not the member's own breaks the whole group.
class Group {
public:
    explicit Group(Connection& connection);

    void enter();
    template <typename T>
    void keep(Reply<T> reply, T result) {
        kept_.emplace_back(Kept<T>{std::move(reply), std::move(result)});
        break_off_if_fails([this] { leave(); });
    }
    void undo();  // of the current member only

    // The connection can no longer be trusted: nothing of this group will be committed.
    void break_off(Failure why) { broken_because_ = std::move(why); }
    bool is_broken() const { return broken_because_.has_value(); }

    // Commits, and answers everybody who was kept. False when the connection should be replaced.
    bool finish();

private:
    template <typename T>
    struct Kept {
        Reply<T> reply;
        T result;
    };

    template <typename Work>
    void break_off_if_fails(Work work) {
        try {
            connection_.clear_deadline();
            work();
        } catch (const std::exception& error) {
            break_off(Failure::unavailable(error.what()));
        }
    }
    void leave();
    bool is_first() const { return kept_.empty(); }
    void answer();
    void refuse(const Failure& why);

    Connection& connection_;
    bool in_savepoint_ = false;
    std::optional<Failure> broken_because_;
    std::vector<std::variant<Kept<Rows>, Kept<std::vector<Rows>>, Kept<Done>>> kept_;
};

}  // namespace souk::db::sqlite
