#include "platform/http/tests/running_server.h"

#include "platform/core/task.h"
#include "platform/http/refusals.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <poll.h>
#include <stdexcept>

namespace souk::http {
namespace {

using boost::asio::ip::tcp;
constexpr std::chrono::seconds patience{10};

Response text(int status, std::string_view body) {
    Response response;
    response.status = status;
    response.content_type = text_type;
    response.body = body;
    return response;
}

core::Task<core::Result<Response>> hello(const Request&) { co_return text(200, "hello"); }

core::Task<core::Result<Response>> echo(const Request& request) {
    co_return text(200, request.keep(request.body));
}

core::Task<core::Result<Response>> own(const Request& request) {
    co_return text(200, request.keep(request.caller.id + ": " + std::string(request.body)));
}

core::Task<core::Result<Response>> item(const Request& request) {
    co_return text(200, request.path_parameter("id"));
}

core::Task<core::Result<Response>> who(const Request& request) {
    co_return text(200, request.client_address);
}

core::Task<core::Result<Response>> nothing(const Request&) { co_return text(204, ""); }

core::Task<core::Result<Response>> fails(const Request&) {
    throw std::runtime_error("meant to fail");
    co_return text(200, "");
}

core::Task<core::Result<Response>> down(const Request&) {
    throw core::Unavailable("meant to be down");
    co_return text(200, "");
}

core::Task<core::Result<Response>> large(const Request&) {
    const auto body = std::make_shared<const std::string>(8'000'000, 'x');
    Response response = text(200, *body);
    response.owner = body;
    co_return response;
}

Response say_no(const core::Error& error, const Request&) {
    const auto body = std::make_shared<const std::string>(error.message.view());
    Response response = text(usual_status(error.fault), *body);
    response.owner = body;
    return response;
}

}  // namespace

core::Task<core::Result<Response>> RunningServer::hold(const Request& request) {
    ++held_;
    const core::Executor executor = co_await boost::asio::this_coro::executor;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      core::Executor>
        timer(executor);
    while (!open_) {
        timer.expires_after(std::chrono::milliseconds(5));
        co_await timer.async_wait(boost::asio::use_awaitable_t<core::Executor>{});
    }
    ++finished_;
    co_return text(200, request.keep(request.path));
}

core::Task<core::Result<>> RunningServer::authenticate(Request& request) {
    ++asked_who_;
    const std::string_view token = request.header("authorization").value_or("");
    if (token == "Bearer down") throw core::Unavailable("meant to be down");
    if (token != "Bearer good") {
        co_return core::Error{core::Fault::unauthorized, "unauthorized", "Unauthorized"};
    }
    request.caller.id = "good";
    co_return core::Result<>();
}

Room RunningServer::room() {
    Room room;
    room.redirects_slash = true;
    room.service = "test";
    const Body json{.expected = true, .required = true};
    const auto add = [&](Verb verb, std::string path, Handler handler, Body body = {}) {
        Route route{};
        route.verb = verb;
        route.path = std::move(path);
        route.handler = std::move(handler);
        route.body = body;
        route.limits.body_bytes_max = 100'000;
        room.routes.push_back(std::move(route));
    };
    add(Verb::get, "/hello", hello);
    add(Verb::post, "/echo", echo);
    add(Verb::post, "/json", echo, json);
    add(Verb::get, "/items/{id:integer}", item);
    add(Verb::get, "/who", who);
    add(Verb::delete_, "/nothing", nothing);
    add(Verb::get, "/fails", fails);
    add(Verb::get, "/down", down);
    add(Verb::get, "/large", large);
    add(Verb::get, "/hold", [this](const Request& request) { return hold(request); });
    add(Verb::post, "/own", own, json);
    room.routes.back().auth = Auth::user;
    room.authenticate = [this](Request& request, Auth) { return authenticate(request); };
    room.render_error = say_no;
    return room;
}

RunningServer::RunningServer(ServerLimits limits, std::uint16_t wanted_port)
    : loops_(core::make_loops(2)) {
    server_ = std::make_unique<Server>(Server::Parts{loops_, clock_, random_, registry_},
                                       std::move(limits));
    Listener listener{"127.0.0.1", wanted_port, {}};
    listener.rooms.push_back(room());
    port = server_->listen(std::move(listener));
}

std::uint16_t RunningServer::listen_apart(Capacity own) {
    Listener listener{"127.0.0.1", 0, {}, own};
    listener.rooms.push_back(room());
    return server_->listen(std::move(listener));
}

RunningServer::~RunningServer() {
    let_go();
    server_->drain(std::chrono::milliseconds(5'000));
    server_.reset();
    for (const auto& loop : loops_) loop->stop();
    for (const auto& loop : loops_) loop->join();
}

std::size_t RunningServer::failures_of(std::string_view route) const {
    double count = 0;
    for (const metrics::Reading& each : registry_.read("souk_http_requests_total")) {
        if (each.label("route") == route && each.label("status") == "5xx") count += each.value;
    }
    return static_cast<std::size_t>(count);
}

void RunningServer::let_go() { open_ = true; }

RawClient::RawClient(std::uint16_t port) : socket_(context_) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
}

void RawClient::send(std::string_view bytes) {
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()));
}

bool RawClient::try_send(std::string_view bytes) {
    boost::system::error_code error;
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), error);
    return !error;
}

void RawClient::finish_sending() { socket_.shutdown(tcp::socket::shutdown_send); }

void RawClient::reset() {
    socket_.set_option(boost::asio::socket_base::linger(true, 0));
    socket_.close();
}

// False when the connection has ended.
bool RawClient::fill() {
    pollfd waiting{socket_.native_handle(), POLLIN, 0};
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
    if (::poll(&waiting, 1, static_cast<int>(ms)) != 1)
        throw std::runtime_error("no answer in time");
    char piece[65'536];
    boost::system::error_code error;
    const std::size_t count = socket_.read_some(boost::asio::buffer(piece), error);
    buffer_.append(piece, count);
    return !error;
}

std::string RawClient::receive(bool head) {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) throw std::runtime_error("ended within a header: '" + buffer_ + "'");
    }
    end += 4;
    last_head_size_ = end;
    const std::size_t length = buffer_.substr(0, end).find("content-length: ");
    if (!head && length != std::string::npos) end += std::stoul(buffer_.substr(length + 16));
    while (buffer_.size() < end) {
        if (!fill()) throw std::runtime_error("ended within a body");
    }
    std::string answer = buffer_.substr(0, end);
    buffer_.erase(0, end);
    return answer;
}

std::string RawClient::receive_until_end() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

bool RawClient::ended() { return receive_until_end().empty(); }

}  // namespace souk::http
