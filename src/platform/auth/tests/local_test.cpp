#include "platform/auth/tests/fake_issuer.h"
#include "platform/auth/tokens.h"
#include "platform/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>

namespace souk::auth {
namespace {

struct Place {
    core::Result<Identity> verify(Verifier& verifier, std::string token) {
        return loop.wait(verifier.verify(std::move(token)));
    }

    testing::TemporaryFolder folder;
    std::filesystem::path directory = folder.path();
    testing::FixedClock clock;
    testing::OnLoop loop;
};

TEST(LocalTokens, are_good_for_an_hour) {
    Place place;
    const std::string token =
        mint(place.directory, {"user_1", "ann@example.com", "Ann \"A\""}, place.clock);
    const std::unique_ptr<Verifier> verifier = local(place.directory, place.clock);

    for (int round = 0; round < 2; ++round) {
        const core::Result<Identity> who = place.verify(*verifier, token);
        ASSERT_TRUE(who);
        EXPECT_EQ(who->subject, "user_1");
        EXPECT_EQ(who->email, "ann@example.com");
        EXPECT_EQ(who->name, "Ann \"A\"");
        place.clock.advance(1h);
    }
    place.clock.advance(5s);

    EXPECT_EQ(place.verify(*verifier, token).error().code, token_expired_code);
    EXPECT_TRUE(verifier->is_up());
    EXPECT_EQ(verifier->describe(), "tokens of souk store token");
}

TEST(LocalTokens, of_another_data_directory_are_refused) {
    Place here;
    Place there;
    const std::string token = mint(there.directory, {"user_1", "", ""}, there.clock);

    const core::Result<Identity> who = here.verify(*local(here.directory, here.clock), token);

    ASSERT_FALSE(who);
    EXPECT_EQ(who.error().code, invalid_token_code);
}

TEST(LocalTokens, of_an_issuer_that_names_their_key_are_refused) {
    Place place;
    const std::string minted = mint(place.directory, {"user_1", "", ""}, place.clock);
    const std::string key_id = read_jwt(minted)->key_id;

    const core::Result<Identity> who =
        place.verify(*local(place.directory, place.clock),
                     token_of(test_keys(), key_id, R"({"iss":"souk:local","exp":9999999999})"));

    ASSERT_FALSE(who);
    EXPECT_EQ(who.error().code, invalid_token_code);
}

TEST(LocalTokens, have_a_key_that_only_its_owner_can_read) {
    Place place;
    mint(place.directory, {}, place.clock);

    struct stat about{};
    const std::filesystem::path file = place.directory / "secrets" / "AUTH_LOCAL_KEY";
    ASSERT_EQ(::stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST(LocalTokens, say_which_file_is_broken) {
    Place place;
    mint(place.directory, {}, place.clock);
    const std::filesystem::path file = place.directory / "secrets" / "AUTH_LOCAL_KEY";
    std::ofstream(file) << "no key";

    try {
        mint(place.directory, {}, place.clock);
        FAIL() << "a broken key was taken";
    } catch (const std::runtime_error& failure) {
        EXPECT_NE(std::string(failure.what()).find(file.string()), std::string::npos);
    }
}

}  // namespace
}  // namespace souk::auth
