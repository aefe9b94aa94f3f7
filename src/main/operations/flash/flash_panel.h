// flash in the console: its figures, and what people may make it do.
#pragma once

#include "main/operations/service_row.h"
#include "services/flash/service.h"

namespace souk::operations {

// Both must be outlived by the service.
Panel flash_panel(flash::Service& flash);
http::Routes flash_actions(flash::Service& flash);

}  // namespace souk::operations
