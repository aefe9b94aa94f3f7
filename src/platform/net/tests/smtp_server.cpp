#include "platform/net/tests/smtp_server.h"

#include <string_view>
#include <utility>

namespace souk::net {
namespace {

std::string first_word(const std::string& command) {
    return command.substr(0, command.find_first_of(" :"));
}

}  // namespace

SmtpServer::SmtpServer(SmtpScript script)
    : script_(std::move(script)), server_([this](Wire& wire) { return talk(wire); }) {}

std::vector<std::string> SmtpServer::commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
}

std::string SmtpServer::message() const {
    const std::lock_guard lock(mutex_);
    return message_;
}

core::Task<> SmtpServer::talk(Wire& wire) {
    if (script_.is_implicit) co_await wire.encrypt(*script_.tls);
    bool goes_on = co_await reply(wire, "greeting", "220 at your service");
    while (goes_on) {
        const std::string command = co_await read_line(wire);
        const std::string word = first_word(command);
        if (word == "EHLO") {
            goes_on = co_await reply(wire, word, offers());
        } else if (word == "AUTH") {
            co_await log_in(wire, command);
            goes_on = co_await reply(wire, word, "235 welcome");
        } else if (word == "STARTTLS") {
            goes_on = co_await reply(wire, word, "220 begin");
            co_await wire.encrypt(*script_.tls);
        } else if (word == "DATA") {
            goes_on = co_await take_message(wire);
        } else if (word == "QUIT") {
            co_await reply(wire, word, "221 good bye");
            co_return;
        } else {
            goes_on = co_await reply(wire, word, "250 fine");
        }
    }
}

std::string SmtpServer::offers() const {
    std::string text;
    for (const std::string& offer : script_.offers) text += "250-" + offer + "\r\n";
    return text + "250 8BITMIME";
}

core::Task<> SmtpServer::log_in(Wire& wire, std::string command) {
    if (command == "AUTH LOGIN") {
        co_await wire.say("334 VXNlcm5hbWU6\r\n");
        co_await read_line(wire);
        co_await wire.say("334 UGFzc3dvcmQ6\r\n");
    } else {
        co_await wire.say("334 \r\n");
    }
    co_await read_line(wire);
}

core::Task<bool> SmtpServer::take_message(Wire& wire) {
    const bool goes_on = co_await reply(wire, "DATA", "354 go on");
    if (!goes_on || script_.replies.contains("DATA")) co_return goes_on;
    std::string message = co_await wire.read_to("\r\n.\r\n");
    {
        const std::lock_guard lock(mutex_);
        message_ = std::move(message);
    }
    co_return co_await reply(wire, ".", "250 taken");
}

// False when nothing more is said.
core::Task<bool> SmtpServer::reply(Wire& wire, std::string word, std::string usual) {
    const auto scripted = script_.replies.find(word);
    const std::string said = scripted == script_.replies.end() ? usual : scripted->second;
    if (said == drop) co_return false;
    if (said == stall) co_await wire.wait_for_the_end();
    co_await wire.say(said + "\r\n");
    co_return true;
}

core::Task<std::string> SmtpServer::read_line(Wire& wire) {
    std::string line = co_await wire.read_to("\r\n");
    line.resize(line.size() - 2);
    const std::lock_guard lock(mutex_);
    commands_.push_back(line);
    co_return line;
}

}  // namespace souk::net
