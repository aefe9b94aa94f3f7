#include "platform/db/failure.h"

#include "platform/core/error.h"
#include "platform/db/sql.h"

#include <stdexcept>

namespace souk::db {

Failure Failure::caught() {
    try {
        throw;
    } catch (const core::Unavailable& error) {
        return unavailable(error.what());
    } catch (const Refused& error) {
        return refused(error.what());
    } catch (const std::logic_error& error) {
        return mistake(error.what());
    } catch (const std::exception& error) {
        return {Kind::other, error.what()};
    }
}

void Failure::raise() const {
    switch (kind) {
        case Kind::unavailable:
            throw core::Unavailable(message);
        case Kind::refused:
            throw Refused(message);
        case Kind::mistake:
            throw std::logic_error(message);
        case Kind::other:
            break;
    }
    throw std::runtime_error(message);
}

std::exception_ptr Failure::exception() const {
    try {
        raise();
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace souk::db
