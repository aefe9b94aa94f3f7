// POST /backup: the running program writes a backup of itself.
#pragma once

#include "platform/core/event.h"
#include "platform/http/route.h"
#include "services/flash/backup.h"

#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace souk::operations {

class Backup {
public:
    // `has_tables`: flash keeps its tables in the data directory.
    Backup(std::string data_dir, bool has_tables);

    // Must be outlived by this object.
    http::Route route();

private:
    struct Job;

    core::Task<core::Result<http::Response>> make(const http::Request& request);
    bool begin(const std::shared_ptr<Job>& job, const std::string& file);

    const std::string data_dir_;
    const bool has_tables_;
    std::mutex mutex_;
    std::shared_ptr<Job> job_;  // the latest backup
    std::jthread thread_;       // its: told to stop and waited for at the end
};

}  // namespace souk::operations
