#include "main/services/hosted.h"

#include "main/services/flash.h"
#include "main/services/store.h"

namespace souk {

std::vector<std::unique_ptr<Hosted>> host(const std::vector<std::string>& names,
                                          const Config& config, const Common& common) {
    std::vector<std::unique_ptr<Hosted>> hosted;
    for (const std::string& name : names) {
        if (name == "flash") hosted.push_back(host_flash(config, common));
        if (name == "store") hosted.push_back(host_store(config, common));
    }
    return hosted;
}

}  // namespace souk
