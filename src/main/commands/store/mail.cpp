#include "main/commands/store/mail.h"

#include "main/commands/running_program.h"
#include "main/commands/tables.h"
#include "main/data_directory.h"
#include "platform/core/iso_time.h"
#include "platform/json/read.h"

#include <filesystem>
#include <iostream>
#include <memory_resource>
#include <stdexcept>

namespace souk {
struct ResendReport {
    std::int64_t queued = 0;
};
}  // namespace souk

namespace souk::json {
template <>
inline constexpr auto shape<ResendReport> =
    object("Resent", field("queued", &ResendReport::queued));
}  // namespace souk::json

namespace souk::commands {
namespace {

constexpr std::chrono::seconds resend_patience{10};

int tell(std::int64_t queued, const MailWanted& wanted, const Resending& what) {
    if (wanted.as_json) {
        print_json(ResendReport{queued});
    } else {
        std::cout << what.many << " on their way again: " << queued << '\n';
    }
    return done;
}

int resend_by_running_program(const Config& config, const MailWanted& wanted,
                              const Resending& what) {
    const std::string body = wanted.id ? "{\"id\":" + std::to_string(*wanted.id) + "}" : "{}";
    const net::Answer answer = ask_operations(config, what.path, body, resend_patience);
    if (answer.status != 200) {
        std::cerr << "souk " << what.command << ": " << reason_of(answer) << '\n';
        return exit_code_of(answer);
    }
    std::pmr::monotonic_buffer_resource memory;
    return tell(json::read<ResendReport>(answer.body, memory).value.queued, wanted, what);
}

int resend_directly(const Config& config, const MailWanted& wanted, const Resending& what) {
    const DataDirectory directory(config.data_dir);
    if (is_store_embedded(config) && !std::filesystem::exists(store_file(config))) {
        throw std::runtime_error(store_file(config) +
                                 " is not there; name the data directory with --data-dir");
    }
    const core::SystemClock clock;
    const auto open = [](const Config& from, std::chrono::milliseconds) {
        return open_store(from);
    };
    const std::int64_t queued = look_at(open, config, [&](db::Database& tables) {
        return what.directly(tables, wanted.id, clock.now());
    });
    if (wanted.id && queued == 0) {
        throw std::runtime_error("no " + what.one + " " + std::to_string(*wanted.id) +
                                 ", or it is on its way already");
    }
    const int code = tell(queued, wanted, what);
    if (queued > 0 && !wanted.as_json)
        std::cout << "No souk runs on " << config.data_dir << ": the next start sends them.\n";
    return code;
}

}  // namespace

std::string iso_time(std::int64_t ms) { return core::to_iso8601(core::from_ms(ms)); }

int resend(const Config& config, const MailWanted& wanted, const Resending& what) {
    return DataDirectory::is_in_use(config.data_dir)
               ? resend_by_running_program(config, wanted, what)
               : resend_directly(config, wanted, what);
}

}  // namespace souk::commands
