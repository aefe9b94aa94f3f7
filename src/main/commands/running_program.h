// How a command talks to the program that runs on its data directory.
#pragma once

#include "main/settings.h"
#include "platform/net/call.h"

#include <chrono>
#include <functional>
#include <string>

namespace souk::commands {

// A JSON body to be posted, with the token unless there is none.
net::Call json_call(std::string url, std::string json, const std::string& token);

// Asks the operations listener; throws core::Unavailable when it does not answer.
net::Answer ask_operations(const Config& config, const std::string& path, const std::string& json,
                           std::chrono::milliseconds patience);

// The "error" of an answer, or its whole body when it has none.
std::string reason_of(const net::Answer& answer);

// The exit code for an answer that is not 200.
int exit_code_of(const net::Answer& answer);

// Loads the settings and runs `command`; says what went wrong and gives the exit code for it.
int with_settings(const std::string& name, const CommandLine& line,
                  const std::function<int(const Config&)>& command);

}  // namespace souk::commands
