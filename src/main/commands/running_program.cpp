#include "main/commands/running_program.h"

#include "main/commands/commands.h"
#include "platform/core/error.h"
#include "platform/json/read.h"

#include <exception>
#include <iostream>
#include <memory_resource>

namespace souk {
struct RefusalBody {
    std::string_view error;
};
}  // namespace souk

namespace souk::json {
template <>
inline constexpr auto shape<RefusalBody> = object("Refusal", field("error", &RefusalBody::error));
}  // namespace souk::json

namespace souk::commands {

net::Fetched ask_operations(const Config& config, const std::string& path, const std::string& json,
                            std::chrono::milliseconds patience) {
    const std::string& address = config.admin_address;
    const bool is_any = address == "0.0.0.0" || address == "[::]" || address == "::";
    const std::string host = is_any ? "127.0.0.1" : address;
    net::Post post{.url = "http://" + host + ":" + std::to_string(config.admin_port) + path,
                   .json = json,
                   .headers = {},
                   .patience = patience};
    if (!config.admin_token.empty())
        post.headers.push_back("Authorization: Bearer " + config.admin_token);
    return net::fetch(post);
}

std::string reason_of(const net::Fetched& answer) {
    std::pmr::monotonic_buffer_resource memory;
    const json::Reading<RefusalBody> read = json::read<RefusalBody>(answer.body, memory);
    return "the running program answered " + std::to_string(answer.status) + ": " +
           (read.fine() ? std::string(read.value.error) : answer.body);
}

int exit_code_of(const net::Fetched& answer) {
    return answer.status >= 500 ? unavailable : refused;
}

int with_settings(const std::string& name, const CommandLine& line,
                  const std::function<int(const Config&)>& command) {
    Config config;
    const config::Outcome outcome = load(line, false, config);
    if (!outcome.mistakes.empty()) return report(outcome.mistakes);
    try {
        return command(config);
    } catch (const core::Unavailable& down) {
        std::cerr << "souk " << name << ": " << down.what() << '\n';
        return unavailable;
    } catch (const std::exception& problem) {
        std::cerr << "souk " << name << ": " << problem.what() << '\n';
        return refused;
    }
}

}  // namespace souk::commands
