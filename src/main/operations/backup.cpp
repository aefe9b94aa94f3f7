#include "main/operations/backup.h"

#include "main/operations/answer.h"
#include "platform/json/read.h"
#include "platform/log/log.h"

#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

namespace souk::operations {

struct BackupBody {
    std::string_view file;
};
struct BackupMadeBody {
    std::string_view file;
    bool has_tables = false;
    std::int64_t orders = 0;
    std::int64_t log_records = 0;
};

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::BackupBody> =
    object("Backup", field("file", &operations::BackupBody::file, "absolute path of a new file",
                           length(1, 4'096)));
template <>
inline constexpr auto shape<operations::BackupMadeBody> = object(
    "BackupMade", field("file", &operations::BackupMadeBody::file),
    field("hasTables", &operations::BackupMadeBody::has_tables, "false: they are in PostgreSQL"),
    field("orders", &operations::BackupMadeBody::orders),
    field("logRecords", &operations::BackupMadeBody::log_records));

}  // namespace souk::json

namespace souk::operations {

using namespace std::chrono_literals;
using core::Result;
using core::Task;
using http::Request;
using http::Response;

// Shared with the thread, so that a request that has gone leaves nothing dangling.
struct Backup::Job {
    core::Event done;
    flash::BackupSummary made;
    std::string problem;
};

Backup::Backup(std::string data_dir, bool has_tables)
    : data_dir_(std::move(data_dir)), has_tables_(has_tables) {}

// One at a time; false when another backup goes on.
bool Backup::begin(const std::shared_ptr<Job>& job, const std::string& file) {
    const std::lock_guard lock(mutex_);
    if (job_ && !job_->done.is_set()) return false;
    job_ = job;
    thread_ = std::jthread([this, job, file](const std::stop_token& stop) {
        try {
            const core::SystemClock clock;
            job->made = flash::back_up(data_dir_, has_tables_, file, clock, stop);
        } catch (const std::exception& problem) {
            job->problem = problem.what();
        }
        job->done.set();
    });
    return true;
}

Task<Result<Response>> Backup::make(const Request& request) {
    const json::Reading<BackupBody> read = json::read<BackupBody>(request.body, request.memory());
    if (!read.fine() || !read.value.file.starts_with('/'))
        co_return invalid("\"file\" must be an absolute path");
    const std::string file(read.value.file);
    const auto job = std::make_shared<Job>();
    if (!begin(job, file))
        co_return core::Error{core::Fault::conflict, "busy", "Another backup goes on"};
    while (!co_await job->done.wait(1min)) continue;
    if (!job->problem.empty()) {
        log::error("souk", "no backup was made", {log::Field("reason", job->problem)});
        co_return core::Error{core::Fault::conflict, "failed", job->problem};
    }
    log::info("souk", "backup made", {log::Field("file", file)});
    co_return answer(request, 200,
                     BackupMadeBody{.file = file,
                                    .has_tables = job->made.has_tables,
                                    .orders = job->made.orders,
                                    .log_records = job->made.log_records});
}

http::Route Backup::route() {
    constexpr http::Schema refusal = json::schema<ErrorBody>;
    return {
        .verb = http::Verb::post,
        .path = "/backup",
        .auth = http::Auth::admin,
        .handler = [this](const Request& request) { return make(request); },
        .summary = "Writes a backup on this machine",
        .body = {.expected = true, .required = true, .schema = json::schema<BackupBody>},
        .answers = {{200, "made and synced", json::schema<BackupMadeBody>},
                                                   {400, "no absolute path", refusal},
                                                   {401, "the admin token is set and was not sent", refusal},
                                                   {403, "a foreign Host or Origin", refusal},
                                                   {409, "not made, with the reason", refusal}}
    };
}

}  // namespace souk::operations
