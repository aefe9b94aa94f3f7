// A failure on its way from a thread of the database to the coroutines that are told of it: text
// rather than an exception, so that every waiter throws one of its own.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace souk::db {

struct Failure {
    enum class Kind {
        unavailable,  // becomes core::Unavailable
        refused,      // Refused
        mistake,      // std::logic_error
        other         // std::runtime_error
    };

    Kind kind;
    std::string message;

    static Failure unavailable(std::string message) {
        return {Kind::unavailable, std::move(message)};
    }
    static Failure refused(std::string message) { return {Kind::refused, std::move(message)}; }
    static Failure mistake(std::string message) { return {Kind::mistake, std::move(message)}; }
    static Failure caught();  // what is being handled; in a catch block only

    [[noreturn]] void raise() const;
    std::exception_ptr exception() const;
};

}  // namespace souk::db
