// The plain functions, as tables.
#include "services/store/rules.h"

#include "services/store/settings.h"
#include "services/store/upload_signature.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk::store {
namespace {

TEST(Rules, an_upload_signature_is_the_one_of_the_published_vector) {
    EXPECT_EQ(upload_signature("private_key_test", "your_token", 1'582'269'249),
              "e71bcd6031016b060d349d212e23e85c791decdd");
}

TEST(Rules, spaces_of_unicode_are_trimmed) {
    EXPECT_EQ(trimmed(" \t\u00a0\u3000a b\u2003\n"), "a b");
    EXPECT_EQ(trimmed("\u3000"), "");
    EXPECT_EQ(trimmed("\u65e5"), "\u65e5");
}

TEST(Rules, only_letters_of_ascii_are_folded) { EXPECT_EQ(folded("AzZ\u00c4[@"), "azz\u00c4[@"); }

TEST(Rules, an_email_has_one_at_sign_and_a_domain_with_a_dot) {
    for (const std::string good : {"a@b.c", "a.b+c@d-e.f.g", "\u00e4@\u00f6.de"})
        EXPECT_TRUE(is_email(good)) << good;
    EXPECT_TRUE(is_email(std::string(64, 'a') + "@b.c"));
    const std::vector<std::string> bad{"",
                                       "a",
                                       "@b.c",
                                       "a@",
                                       "a@b",
                                       "a@b.",
                                       "a@.b",
                                       "a@b..c",
                                       "a@b@c.d",
                                       "a b@c.d",
                                       "a@c.d ",
                                       "a\t@c.d",
                                       "a@c.d\n",
                                       "a@\u00a0.d",
                                       std::string(65, 'a') + "@b.c",
                                       "a@" + std::string(252, 'b') + ".c"};
    for (const std::string& each : bad) EXPECT_FALSE(is_email(each)) << each;
}

TEST(Rules, a_person_is_made_ready_for_the_tables) {
    const core::Result<Person> bob = check_person(" Bob@X.example ", std::string(150, 'n'));
    ASSERT_TRUE(bob);
    EXPECT_EQ(bob->email, "bob@x.example");
    EXPECT_EQ(bob->name, std::string(100, 'n'));
    EXPECT_EQ(check_person("a@b.c", " ")->name, "Unknown User");
    EXPECT_EQ(check_person("  ", "n").error().code, "MISSING_EMAIL");
    EXPECT_EQ(check_person(std::string(101, 'a'), "n").error().code, "VALIDATION_ERROR");
    EXPECT_TRUE(check_person(std::string(100, 'a'), "n"));
}

TEST(Rules, the_keys_of_the_cache_are_the_seeds) {
    EXPECT_EQ(list_key({.search = "", .page = 1, .limit = 20}), "products:all:page:1:limit:20");
    EXPECT_EQ(list_key({.search = "A b", .page = 2, .limit = 5}),
              "products:search:A b:page:2:limit:5");
}

TEST(Rules, joined_texts_are_told_apart) {
    EXPECT_NE(joined({"a", "bc"}), joined({"ab", "c"}));
    EXPECT_NE(joined({"a", ""}), joined({"", "a"}));
}

TEST(Settings, what_contradicts_each_other_is_said) {
    Config config;
    EXPECT_TRUE(contradictions(config).empty());
    config.database_url = "postgres://x";
    config.turso_database_url = "libsql://y";
    config.smtp_host = "mail";
    EXPECT_EQ(contradictions(config).size(), 2U);
}

TEST(Settings, origins_may_end_with_a_slash_and_are_nothing_but_origins) {
    Config config;
    const config::Settings rows = settings(config);
    for (const config::Setting& row : rows) {
        if (row.name != "store.frontend_url") continue;
        EXPECT_EQ(config::fault_of(row, "https://a.example/,http://b:3000"), "");
        for (const std::string bad : {"a.example", "https://", "https://a/b", "*", "https://a//"})
            EXPECT_NE(config::fault_of(row, bad), "") << bad;
    }
}

}  // namespace
}  // namespace souk::store
