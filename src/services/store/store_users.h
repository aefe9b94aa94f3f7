// The statement that begins every write in the name of somebody.
#pragma once

#include "platform/db/sql.h"

namespace souk::store {

// Email, name. Who has the email already stays as he is; two at the same time make one user (S5).
inline constexpr db::Sql insert_user = R"(
    INSERT INTO users (email, name) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING)";

// Email, name, product: only if there is the product, so that a refusal leaves no user behind.
inline constexpr db::Sql insert_user_for_product = R"(
    INSERT INTO users (email, name) SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM products WHERE id = $3)
    ON CONFLICT (email) DO NOTHING)";

}  // namespace souk::store
