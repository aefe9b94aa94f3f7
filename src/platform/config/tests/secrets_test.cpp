#include "platform/config/secrets.h"

#include "platform/config/print.h"
#include "platform/config/tests/room.h"

#include <gtest/gtest.h>

#include <set>
#include <sys/stat.h>
#include <thread>

namespace souk::config {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
    struct stat about{};
    EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
    return about.st_mode & 0777U;
}

TEST(Secrets, come_from_either_name_or_its_file) {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"FLASH_ADMIN_TOKEN",      "hush"},
        {"ADMIN_TOKEN",            "hush"},
        {"FLASH_ADMIN_TOKEN_FILE", ""    },
        {"ADMIN_TOKEN_FILE",       ""    }
    };
    for (const auto& [name, value] : table) {
        Room room;
        const std::filesystem::path file = room.write("token", "hush\n");
        room.sources.environment[name] = value.empty() ? file.string() : value;

        const Outcome outcome = room.load();

        EXPECT_TRUE(outcome.mistakes.empty()) << name;
        EXPECT_EQ(room.flash.admin_token, "hush") << name;
        EXPECT_EQ(shown(outcome, "flash.admin_token").source, "environment " + name);
    }
}

TEST(Secrets, are_never_shown) {
    Room room;
    room.sources.environment["ADMIN_TOKEN"] = "hush-hush";

    const Outcome outcome = room.load();

    const std::string everything = print_table(outcome.values) + print_json(outcome.values);
    EXPECT_EQ(everything.find("hush-hush"), std::string::npos);
    EXPECT_EQ(everything.find(room.flash.session_key), std::string::npos);
    EXPECT_EQ(shown(outcome, "flash.admin_token").value, "(hidden)");
}

TEST(Secrets, have_no_place_on_the_command_line_or_in_the_settings_file) {
    Room room;
    room.sources.flags["flash-admin-token"] = "hush-hush";
    room.sources.toml = "[flash]\nadmin_token = 'hush-hush'\n";

    const std::string mistakes = room.mistakes();

    EXPECT_NE(
        mistakes.find("flag --flash-admin-token: a secret is never given on the command line"),
        std::string::npos);
    EXPECT_NE(mistakes.find(
                  "souk.toml:2:15: flash.admin_token: a secret never stands in the settings file"),
              std::string::npos)
        << mistakes;
    EXPECT_EQ(mistakes.find("hush-hush"), std::string::npos);
    EXPECT_EQ(room.flash.admin_token, "");
}

TEST(Secrets, wrong_files_are_told) {
    Room room;
    const std::string token = "environment FLASH_ADMIN_TOKEN_FILE: ";
    std::string& path = room.sources.environment["FLASH_ADMIN_TOKEN_FILE"];

    path = (room.directory / "none").string();
    EXPECT_EQ(room.mistakes(), token + "cannot open " + path + ": No such file or directory\n");
    path = room.write("empty", "\n").string();
    EXPECT_EQ(room.mistakes(), token + path + " is empty\n");
    path = room.write("large", std::string(70'000, 'x')).string();
    EXPECT_EQ(room.mistakes(), token + path + " is larger than 64 KiB, which no secret is\n");
    path = room.directory.string();
    EXPECT_EQ(room.mistakes(), token + "cannot read " + path + ": Is a directory\n");

    path = room.write("token", "hush").string();
    room.sources.environment["FLASH_ADMIN_TOKEN"] = "hush";
    EXPECT_EQ(room.mistakes(),
              "environment FLASH_ADMIN_TOKEN: its _FILE is set as well; keep one of the two\n");
}

TEST(Secrets, one_nobody_set_is_made_once_and_kept_for_its_owner_only) {
    Room room;
    const mode_t before = ::umask(0);

    const Outcome first = room.load();
    ::umask(before);

    ASSERT_TRUE(first.mistakes.empty());
    EXPECT_EQ(shown(first, "flash.session_key").source, "made at first start");
    const std::string made = room.flash.session_key;
    EXPECT_EQ(made.size(), 64U);
    const std::filesystem::path folder = room.sources.data_directory / "secrets";
    EXPECT_EQ(mode_of(folder), 0700U);
    EXPECT_EQ(mode_of(folder / "FLASH_SESSION_KEY"), 0600U);
    const std::filesystem::directory_iterator entries(folder);
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);  // no draft stays behind

    room.flash = {};
    EXPECT_EQ(room.mistakes(), "");
    EXPECT_EQ(room.flash.session_key, made);
}

TEST(Secrets, a_kept_one_that_others_can_read_is_refused) {
    Room room;
    EXPECT_EQ(room.mistakes(), "");
    const std::filesystem::path file =
        room.sources.data_directory / "secrets" / "FLASH_SESSION_KEY";

    std::filesystem::permissions(file, std::filesystem::perms(0640));

    EXPECT_EQ(
        room.mistakes(),
        "flash.session_key: " + file.string() +
            " can be read by others; use chmod 600 on it, or remove it to get a new secret\n");
}

TEST(Secrets, nothing_is_made_for_a_start_that_will_not_happen_or_a_look) {
    Room room;
    room.sources.environment["FLASH_PORT"] = "x";
    EXPECT_NE(room.mistakes(), "");
    EXPECT_FALSE(std::filesystem::exists(room.sources.data_directory));

    room.sources.environment.clear();
    room.sources.make_secrets = false;
    EXPECT_EQ(shown(room.load(), "flash.session_key").source, "will be made at first start");
    EXPECT_FALSE(std::filesystem::exists(room.sources.data_directory));
}

TEST(Secrets, a_data_directory_that_cannot_be_written_is_told) {
    Room room;
    room.sources.data_directory = room.write("file", "x") / "data";

    EXPECT_NE(room.mistakes().find("flash.session_key: "), std::string::npos);
}

TEST(Secrets, those_who_start_at_once_agree) {
    Room room;
    std::vector<std::string> found(8);

    {
        std::vector<std::jthread> threads;
        for (std::string& mine : found) {
            threads.emplace_back([&room, &mine] {
                core::SystemRandom random;
                mine = kept_secret(room.sources.data_directory, "NAME", random);
            });
        }
    }

    EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), 1U);
}

TEST(Secrets, production_takes_none_that_was_made) {
    Room room;
    EXPECT_EQ(room.mistakes(), "");
    room.sources.production = true;
    room.sources.environment["ADMIN_TOKEN"] = "hush";

    EXPECT_EQ(room.mistakes(),
              "flash.session_key must be set in production: FLASH_SESSION_KEY, or a file's path in "
              "the same name with _FILE (signs sessions)\n");
}

}  // namespace
}  // namespace souk::config
