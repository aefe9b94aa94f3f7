// Values to PostgreSQL's text format and back.
#pragma once

#include "platform/db/sql.h"

#include <libpq-fe.h>

#include <array>
#include <vector>

namespace souk::db::postgres {

// The parameters of one execution. The values must stay where they are while this is used, and hold
// no text with a zero byte.
class Parameters {
public:
    void set(const Values& values);
    int size() const { return static_cast<int>(texts_.size()); }
    const char* const* texts() const { return texts_.data(); }

private:
    std::vector<const char*> texts_;
    std::vector<std::array<char, 32>> numbers_;
};

Rows read_rows(const PGresult& result);

}  // namespace souk::db::postgres
