#include "platform/http/openapi.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>

namespace souk::http {
namespace {

Room room_of(const std::string& listener, const std::string& path) {
    Room room;
    room.service = "shop";
    room.listener = listener;
    room.routes = {
        {.verb = Verb::get, .path = path, .auth = Auth::none, .answers = {{200, "fine"}}}
    };
    return room;
}

TEST(OpenApi, an_operation_names_its_listener) {
    const Room api = room_of("api", "/order");
    const Room page = room_of("waiting room", "/");
    const Room only = room_of("", "/one");

    const boost::json::value document =
        boost::json::parse(openapi({"Shop", "1", "a shop"}, {&api, &page, &only}));

    const auto operation = [&](const char* path) {
        return document.at("paths").at(path).at("get").as_object();
    };
    EXPECT_EQ(operation("/order").at("x-listener"), "api");
    EXPECT_EQ(operation("/").at("x-listener"), "waiting room");
    EXPECT_FALSE(operation("/one").contains("x-listener"));
}

}  // namespace
}  // namespace souk::http
