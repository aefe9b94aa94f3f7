#include "fuzz/support/answers.h"

#include "fuzz/support/property.h"
#include "platform/http/ascii.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace souk::fuzz {
namespace {

constexpr std::string_view version = "HTTP/1.1 ";

// Everything the server may answer by itself while nothing is broken and no limit is near.
constexpr std::array server_statuses = {200, 204, 400, 404, 405, 408, 413, 414, 415, 417, 426, 431};

bool is_clean(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20U && c != '\t') || c == 0x7F;
    });
}

int take_status(std::string_view& sent) {
    must(sent.starts_with(version), "an answer begins with the version", sent.substr(0, 200));
    sent.remove_prefix(version.size());
    const std::string_view line = take_until(sent, "\r\n");
    int status = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), status);
    must(read.ec == std::errc() && read.ptr == line.data() + 3 && line.size() > 4 && line[3] == ' ',
         "a status line has three digits and a reason", line);
    must(is_clean(line), "a status line has no control characters", line);
    return status;
}

void take_headers(std::string_view& sent, Answer& answer) {
    for (;;) {
        must(sent.find("\r\n") != std::string_view::npos, "an answer's head is whole", sent);
        const std::string_view line = take_until(sent, "\r\n");
        if (line.empty()) return;
        const std::size_t colon = line.find(": ");
        must(colon != std::string_view::npos && colon > 0, "a header has a name and a value", line);
        must(is_clean(line), "a header has no control characters", line);
        const std::string_view name = line.substr(0, colon);
        must(answer.header(name).data() == nullptr, "a header is there once", line);
        answer.headers.emplace_back(name, line.substr(colon + 2));
    }
}

// An answer to HEAD has no body whatever its length says; then the next answer, or the end,
// follows.
void take_body(std::string_view& sent, Answer& answer) {
    must(answer.header("transfer-encoding").empty(), "bodies have a length");
    const std::string_view length_text = answer.header("content-length");
    std::size_t length = 0;
    std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
    must(answer.status == 204 || !length_text.empty(), "an answer says how long its body is");
    if (length == 0 || sent.empty() || sent.starts_with(version)) return;
    must(sent.size() >= length, "a body is as long as its length says", sent);
    answer.body = sent.substr(0, length);
    sent.remove_prefix(length);
}

void check(const Answer& answer, const Contract& contract) {
    const bool is_known = std::ranges::count(server_statuses, answer.status) > 0 ||
                          std::ranges::count(contract.statuses, answer.status) > 0;
    must(is_known, "a status is one the contract knows",
         std::to_string(answer.status) + " " + std::string(answer.body));
    must(answer.header("server").data() == nullptr, "no answer names the server");
    must(!answer.header("date").empty(), "every answer is dated");
    const bool is_redirect = answer.status / 100 == 3;
    must(!is_redirect || !answer.header("location").empty(), "a redirect says where to");
    must(answer.status != 405 || !answer.header("allow").empty(), "a 405 says what is allowed");
    if (answer.body.empty()) return;
    const std::string_view type = answer.header("content-type");
    must(!type.empty(), "a body has a type");
    if (!type.starts_with("application/json")) return;
    must(type == contract.json_type, "the type of JSON is written one way", type);
    boost::system::error_code error;
    const boost::json::value value =
        boost::json::parse({answer.body.data(), answer.body.size()}, error);
    must(!error && value.is_object(), "a JSON body is a JSON object", answer.body);
}

}  // namespace

std::string_view Answer::header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& each) {
        return http::same_letters(each.first, name);
    });
    return found == headers.end() ? std::string_view() : found->second;
}

std::vector<Answer> checked_answers(std::string_view sent, const Contract& contract) {
    const std::size_t all = sent.size();
    std::vector<Answer> answers;
    while (!sent.empty()) {
        Answer answer;
        answer.begins_at = all - sent.size();
        answer.status = take_status(sent);
        take_headers(sent, answer);
        if (answer.status == 100) continue;
        if (answer.status == 101) break;  // what follows is frames (see frames.h)
        take_body(sent, answer);
        check(answer, contract);
        answers.push_back(std::move(answer));
    }
    return answers;
}

}  // namespace souk::fuzz
