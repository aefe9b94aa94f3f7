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

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::BackupBody> =
    object("Backup", field("file", &operations::BackupBody::file, "absolute path of a new file",
                           length(1, 4'096)));

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
    BackupReport made;
    std::string problem;
};

// One at a time; false when another backup goes on.
bool Backup::begin(const std::shared_ptr<Job>& job, const std::string& file) {
    const std::lock_guard lock(mutex_);
    if (job_ && !job_->done.is_set()) return false;
    job_ = job;
    thread_ = std::jthread([this, job, file](const std::stop_token& stop) {
        try {
            job->made = make_(file, stop);
        } catch (const std::exception& problem) {
            job->problem = problem.what();
        }
        job->done.set();
    });
    return true;
}

Task<Result<Response>> Backup::handle(const Request& request) {
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
    co_return answer(request, 200, job->made);
}

http::Route Backup::route() {
    constexpr http::Schema refusal = json::schema<ErrorBody>;
    return {
        .verb = http::Verb::post,
        .path = "/backup",
        .auth = http::Auth::admin,
        .handler = [this](const Request& request) { return handle(request); },
        .summary = "Writes a backup on this machine",
        .body = {.expected = true, .required = true, .schema = json::schema<BackupBody>},
        .answers = {{200, "made and synced", json::schema<BackupReport>},
                                                   {400, "no absolute path", refusal},
                                                   {401, "the admin token is set and was not sent", refusal},
                                                   {403, "a foreign Host or Origin", refusal},
                                                   {409, "not made, with the reason", refusal}}
    };
}

}  // namespace souk::operations
