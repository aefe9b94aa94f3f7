// What commands ask the running program to do, over the operations listener: a backup, and dead
// letters tried again.
#pragma once

#include "platform/core/event.h"
#include "platform/http/route.h"
#include "services/flash/backup.h"
#include "services/flash/service.h"

#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace souk {

class Maintenance {
public:
    // `has_tables`: flash keeps its tables in the data directory.
    Maintenance(flash::Service& flash, std::string data_dir, bool has_tables);

    // Must be outlived by this object.
    http::Routes routes();

private:
    struct Job;

    core::Task<core::Result<http::Response>> back_up(const http::Request& request);
    core::Task<core::Result<http::Response>> retry(const http::Request& request);
    bool begin(const std::shared_ptr<Job>& job, const std::string& file);

    flash::Service& flash_;
    const std::string data_dir_;
    const bool has_tables_;
    std::mutex mutex_;
    std::shared_ptr<Job> job_;  // the latest backup
    std::jthread thread_;       // its: told to stop and waited for at the end
};

}  // namespace souk
