// How a thread of the database answers a coroutine: core::Reply, which fails with a db::Failure.
#pragma once

#include "platform/core/reply.h"
#include "platform/db/failure.h"

namespace souk::db {

using core::await_reply;
using core::Done;
using core::Reply;

}  // namespace souk::db
