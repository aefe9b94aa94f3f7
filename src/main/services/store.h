// store in the program: its database, caches, identities and mail, its listener, its row on the
// operations listener.
#pragma once

#include "main/services/hosted.h"

namespace souk {

std::unique_ptr<Hosted> host_store(const Config& config, const Common& common);

}  // namespace souk
