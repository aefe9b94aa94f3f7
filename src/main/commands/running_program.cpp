#include "main/commands/running_program.h"

#include "main/commands/commands.h"
#include "platform/core/error.h"
#include "platform/json/read.h"

#include <exception>
#include <iostream>
#include <memory_resource>
#include <utility>

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

net::Call json_call(std::string url, std::string json, const std::string& token) {
    net::Call call{.url = std::move(url),
                   .method = "POST",
                   .headers = {{"Content-Type", "application/json"}},
                   .body = std::move(json)};
    if (!token.empty()) call.headers.emplace_back("Authorization", "Bearer " + token);
    return call;
}

net::Answer ask_operations(const Config& config, const std::string& path, const std::string& json,
                           std::chrono::milliseconds patience) {
    const std::string& address = config.admin_address;
    const bool is_any = address == "0.0.0.0" || address == "[::]" || address == "::";
    const std::string host = is_any ? "127.0.0.1" : address;
    const std::string port = std::to_string(config.admin_port);
    net::Call call = json_call("http://" + host + ":" + port + path, json, config.admin_token);
    call.patience = patience;
    return net::send(call);
}

std::string reason_of(const net::Answer& answer) {
    std::pmr::monotonic_buffer_resource memory;
    const json::Reading<RefusalBody> read = json::read<RefusalBody>(answer.body, memory);
    const std::string mend =
        answer.status == 401 ? "; set SOUK_ADMIN_TOKEN to the one it was started with" : "";
    return "the running program answered " + std::to_string(answer.status) + ": " +
           (read.fine() ? std::string(read.value.error) : answer.body) + mend;
}

int exit_code_of(const net::Answer& answer) { return answer.status >= 500 ? unavailable : refused; }

int with_settings(const std::string& name, const CommandLine& line,
                  const std::function<int(const Config&)>& command) {
    Config config;
    const config::Outcome outcome = load(line, Purpose::work, config);
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
