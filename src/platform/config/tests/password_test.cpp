#include "platform/config/password.h"

#include "platform/config/tests/room.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace souk::config {
namespace {

TEST(Password, it_is_hidden_before_the_host_and_in_the_query) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"postgres://me:geheim@db:5432/shop",                            "postgres://me:(hidden)@db:5432/shop"    },
        {"postgres://me:ge?he:im@db/shop?a=b",                           "postgres://me:(hidden)@db/shop?a=b"     },
        {"postgres://db/shop?user=me&password=geheim",
         "postgres://db/shop?user=me&password=(hidden)"                                                           },
        {"postgres://me@db/shop?password=geheim",                        "postgres://me@db/shop?password=(hidden)"},
        {"postgres://db?password=geheim@1/2?3&user=me",                  "postgres://db?password=(hidden)&user=me"},
        {"postgres://db/s?PassWord=geheim",                              "postgres://db/s?PassWord=(hidden)"      },
        {"postgresql://db/s?sslpassword=geheim&sslmode=require",
         "postgresql://db/s?sslpassword=(hidden)&sslmode=require"                                                 },
        {"postgres://me:geheim@db/s?password=geheim&sslpassword=geheim",
         "postgres://me:(hidden)@db/s?password=(hidden)&sslpassword=(hidden)"                                     },
    };
    for (const auto& [address, shown] : cases) EXPECT_EQ(without_password(address), shown);
}

TEST(Password, what_has_none_stays_as_it_is) {
    for (const char* address :
         {"", "postgres://", "postgres://db", "postgres://me@db/shop", "postgres://db:5432/shop",
          "postgres://[::1]:5432/shop?user=me@corp&sslmode=require",
          "postgres://db/s?password=", "postgres:///shop?host=/var/run/postgresql"}) {
        EXPECT_EQ(without_password(address), address);
    }
}

TEST(Password, a_malformed_address_does_not_show_it_either) {
    for (const char* address :
         {"postgres://me:ge/geheim@db/shop", "postgres://me:ge@geheim@db/shop",
          "postgres://me:ge@geheim?geheim@db/shop", "host=db password=geheim user=me"}) {
        EXPECT_EQ(without_password(address).find("geheim"), std::string::npos) << address;
    }
}

TEST(Password, a_row_shows_it_neither_as_its_value_nor_in_a_mistake) {
    std::string url;
    const auto rows = [&url] {
        return Settings{
            text("flash.url", url, "where rows are").hiding_password().check(must_be_http)};
    };
    Sources sources;
    sources.services = {"flash"};
    sources.environment["FLASH_URL"] = "http://db/shop?user=me&password=geheim";

    EXPECT_EQ(shown(load(rows(), sources), "flash.url").value,
              "http://db/shop?user=me&password=(hidden)");
    EXPECT_EQ(url, "http://db/shop?user=me&password=geheim");

    sources.environment["FLASH_URL"] = "mysql://me:geheim@db/shop";
    EXPECT_EQ(load(rows(), sources).mistakes,
              std::vector<std::string>{"environment FLASH_URL: is no http address"});
}

}  // namespace
}  // namespace souk::config
