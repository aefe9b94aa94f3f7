#include "main/maintenance.h"

#include "platform/json/read.h"
#include "platform/json/schema.h"
#include "platform/json/write.h"
#include "platform/log/log.h"

#include <chrono>
#include <exception>
#include <utility>

namespace souk {

struct BackupBody {
    std::string_view file;
};
struct BackupMadeBody {
    std::string_view file;
    bool has_tables = false;
    std::int64_t orders = 0;
    std::int64_t log_records = 0;
};
struct RetryBody {
    std::int64_t position = 0;
};
struct RetriedBody {
    std::int64_t written = 0;
    std::int64_t unreadable = 0;
    std::string refusal;
};

namespace json {
template <>
inline constexpr auto shape<BackupBody> = object(
    "Backup", field("file", &BackupBody::file, "absolute path of a new file", length(1, 4'096)));
template <>
inline constexpr auto shape<BackupMadeBody> = object(
    "BackupMade", field("file", &BackupMadeBody::file),
    field("hasTables", &BackupMadeBody::has_tables, "false: they are in PostgreSQL"),
    field("orders", &BackupMadeBody::orders), field("logRecords", &BackupMadeBody::log_records));
template <>
inline constexpr auto shape<RetryBody> =
    object("Retry", field("position", &RetryBody::position, "of the dead letter in its log"));
template <>
inline constexpr auto shape<RetriedBody> =
    object("Retried", field("written", &RetriedBody::written, "orders that are written now"),
           field("unreadable", &RetriedBody::unreadable, "records no order can be read from"),
           field("refusal", &RetriedBody::refusal, "why the database refused again"));
}  // namespace json

namespace {

using namespace std::chrono_literals;
using core::Result;
using core::Task;
using http::Request;
using http::Response;

template <typename Body>
Response answer(const Request& request, const Body& body) {
    Response response;
    response.content_type = http::json_type;
    response.body = json::to_text(body, request.memory());
    return response;
}

core::Error invalid(const std::string& message) {
    return {core::Fault::invalid, "invalid", message};
}

}  // namespace

// Shared with the thread, so that a request that has gone leaves nothing dangling.
struct Maintenance::Job {
    core::Event done;
    flash::BackupSummary made;
    std::string problem;
};

Maintenance::Maintenance(flash::Service& flash, std::string data_dir, bool has_tables)
    : flash_(flash), data_dir_(std::move(data_dir)), has_tables_(has_tables) {}

// One at a time; false when another backup goes on.
bool Maintenance::begin(const std::shared_ptr<Job>& job, const std::string& file) {
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

Task<Result<Response>> Maintenance::back_up(const Request& request) {
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
    co_return answer(request, BackupMadeBody{.file = file,
                                             .has_tables = job->made.has_tables,
                                             .orders = job->made.orders,
                                             .log_records = job->made.log_records});
}

Task<Result<Response>> Maintenance::retry(const Request& request) {
    const json::Reading<RetryBody> read = json::read<RetryBody>(request.body, request.memory());
    if (!read.fine()) co_return invalid("\"position\" must be a whole number");
    const flash::Retried retried = co_await flash_.retry_dead_letter(read.value.position);
    if (retried.written + retried.unreadable == 0 && retried.refusal.empty())
        co_return core::Error{core::Fault::not_found, "not_found", "No dead letter there"};
    co_return answer(request,
                     RetriedBody{.written = static_cast<std::int64_t>(retried.written),
                                 .unreadable = static_cast<std::int64_t>(retried.unreadable),
                                 .refusal = retried.refusal});
}

http::Routes Maintenance::routes() {
    using enum http::Verb;
    using enum http::Auth;
    return {
        {.verb = post,
         .path = "/backup",
         .auth = admin,
         .handler = [this](const Request& request) { return back_up(request); },
         .summary = "Writes a backup on this machine",
         .body = {.expected = true, .required = true, .schema = json::schema<BackupBody>},
         .answers = {{200, "made and synced", json::schema<BackupMadeBody>},
                     {400, "no absolute path"},
                     {409, "not made, with the reason"}}},
        {.verb = post,
         .path = "/flash/dead-letters/retry",
         .auth = admin,
         .handler = [this](const Request& request) { return retry(request); },
         .summary = "Writes the order of a dead letter once more",
         .body = {.expected = true, .required = true, .schema = json::schema<RetryBody>},
         .answers = {{200, "what became of it", json::schema<RetriedBody>},
                     {404, "no dead letter at this position"},
                     {503, "flash is not ready"}}       },
    };
}

}  // namespace souk
