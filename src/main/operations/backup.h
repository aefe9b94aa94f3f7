// POST /backup: the running program writes a backup of itself.
#pragma once

#include "main/backup/report.h"
#include "platform/core/event.h"
#include "platform/http/route.h"

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace souk::operations {

class Backup {
public:
    // Writes the file, on a thread of its own; throws when it cannot.
    using Make = std::function<BackupReport(const std::string& file, const std::stop_token& stop)>;

    explicit Backup(Make make) : make_(std::move(make)) {}

    // Must be outlived by this object.
    http::Route route();

private:
    struct Job;

    core::Task<core::Result<http::Response>> handle(const http::Request& request);
    bool begin(const std::shared_ptr<Job>& job, const std::string& file);

    const Make make_;
    std::mutex mutex_;
    std::shared_ptr<Job> job_;  // the latest backup
    std::jthread thread_;       // its: told to stop and waited for at the end
};

}  // namespace souk::operations
