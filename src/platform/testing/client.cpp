#include "platform/testing/client.h"

#include "platform/http/answer.h"
#include "platform/http/ascii.h"
#include "platform/http/cors.h"
#include "platform/http/media_type.h"
#include "platform/http/redirect.h"
#include "platform/http/refusals.h"
#include "platform/http/request_ids.h"
#include "platform/http/router.h"
#include "platform/testing/seeded_random.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <memory_resource>
#include <stdexcept>

namespace souk::http {
namespace {

constexpr std::chrono::seconds patience{30};

std::string_view value_of(const TestClient::Headers& headers, std::string_view name) {
    for (const auto& [header, value] : headers) {
        if (same_letters(header, name)) return value;
    }
    return {};
}

}  // namespace

class TestClient::Implementation {
public:
    explicit Implementation(Room room) : ids_(random_) {
        rooms_.push_back(std::move(room));
        router_ = std::make_unique<Router>(rooms_);
    }

    // Runs until every call has its answer, also when other threads must help.
    std::vector<Answer> send(std::vector<Call> calls) {
        std::vector<Answer> answers(calls.size());
        std::size_t done = 0;
        std::exception_ptr failure;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            if (!calls[i].body.empty() &&
                value_of(calls[i].headers, "content-type").data() == nullptr) {
                calls[i].headers.emplace_back("content-type", "application/json");
            }
            boost::asio::co_spawn(context_.get_executor(), serve(&calls[i], &answers[i]),
                                  [&](const std::exception_ptr& thrown) {
                                      if (thrown) failure = thrown;
                                      ++done;
                                  });
        }
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (done < calls.size()) {
            if (context_.run_one_until(deadline) == 0) {
                throw std::runtime_error("a handler gave no answer within 30 seconds");
            }
        }
        if (failure) std::rethrow_exception(failure);
        return answers;
    }

private:
    core::Task<> serve(const Call* call, Answer* answer) {
        std::pmr::monotonic_buffer_resource memory;
        std::vector<Header> headers;
        for (const auto& [name, value] : call->headers) headers.push_back({name, value});
        Request request;
        request.memory_ = &memory;
        request.ids_ = &ids_;
        request.verb = call->verb;
        request.target = call->target;
        const std::size_t mark = request.target.find('?');
        request.path = request.target.substr(0, mark);
        if (mark != std::string_view::npos) request.query = request.target.substr(mark + 1);
        request.body = call->body;
        request.headers = headers;
        request.client_address = call->client_address;

        PathParameters parameters;
        const Router::Match match = router_->find(call->verb, request.path, memory, parameters);
        request.route = match.route;
        request.path_parameters = {parameters.data(), parameters.size()};
        const Response response = co_await respond(router_.get(), &match, &request);
        copy(response, match, request, *answer);
    }

    static core::Task<Response> respond(const Router* router, const Router::Match* match,
                                        Request* request) {
        const Room& room = *match->room;
        if (match->bad_encoding) co_return render(room, refusal(core::Fault::malformed), *request);
        if (is_preflight(*request) && answers_preflights(room, *match)) {
            co_return preflight_answer(room, match->route, match->allow, *request);
        }
        if (!match->known()) {
            const std::optional<Response> elsewhere = slash_redirect(*router, room, *request);
            if (elsewhere) co_return *elsewhere;
            co_return render(room, refusal(core::Fault::not_found), *request);
        }
        if (match->route == nullptr) {
            co_return render(room, refusal(core::Fault::method_not_allowed), *request);
        }
        const std::optional<std::string_view> type = request->header("content-type");
        const SentBody sent{type.value_or(std::string_view()), request->body.empty()};
        const std::optional<core::Error> wrong = check_media_type(match->route->body, sent);
        if (wrong) co_return render(room, *wrong, *request);
        const Response response = co_await answer(room, *match->route, *request);
        co_return response;
    }

    static void copy(const Response& response, const Router::Match& match, const Request& request,
                     Answer& into) {
        into.status = response.status;
        into.content_type = response.content_type;
        if (request.verb != Verb::head) into.body = response.body;
        for (const Header& header : response.headers)
            into.headers.emplace_back(header.name, header.value);
        if (response.status == 405) into.headers.emplace_back("allow", match.allow);
        const std::string_view origin = request.header("origin").value_or("");
        const bool preflight = is_preflight(request) && answers_preflights(*match.room, match);
        for (const Header& header : preflight
                                        ? preflight_cors_headers(*match.room, match.route, request)
                                        : cors_headers(*match.room, match.route, origin)) {
            into.headers.emplace_back(header.name, header.value);
        }
    }

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context_.get_executor()};
    testing::SeededRandom random_;
    RequestIds ids_;
    std::vector<Room> rooms_;
    std::unique_ptr<Router> router_;
};

std::string TestClient::Answer::header(std::string_view name) const {
    return std::string(value_of(headers, name));
}

TestClient::TestClient(Room room)
    : implementation_(std::make_unique<Implementation>(std::move(room))) {}

TestClient::~TestClient() = default;

TestClient::Answer TestClient::send(Call call) {
    std::vector<Call> calls;
    calls.push_back(std::move(call));
    return implementation_->send(std::move(calls)).front();
}

TestClient::Answer TestClient::get(std::string target, Headers headers) {
    return send({Verb::get, std::move(target), {}, std::move(headers)});
}

TestClient::Answer TestClient::post(std::string target, std::string body, Headers headers) {
    return send({Verb::post, std::move(target), std::move(body), std::move(headers)});
}

std::vector<TestClient::Answer> TestClient::send_together(std::vector<Call> calls) {
    return implementation_->send(std::move(calls));
}

}  // namespace souk::http
