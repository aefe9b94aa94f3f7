// store in the console: its figures, and what people may make it do.
#pragma once

#include "main/operations/service_row.h"
#include "services/store/service.h"

namespace souk::operations {

// Both must be outlived by the service.
Panel store_panel(store::Service& store);
http::Routes store_actions(store::Service& store);

}  // namespace souk::operations
