// flash in the program: its database, its two listeners, its row on the operations listener.
#pragma once

#include "main/services/hosted.h"

namespace souk {

// Throws core::Unavailable when the order log cannot be opened.
std::unique_ptr<Hosted> host_flash(const Config& config, const Common& common);

}  // namespace souk
