#include "main/backup/bundle.h"

#include "platform/core/error.h"
#include "platform/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace souk::bundle {
namespace {

namespace fs = std::filesystem;

class Bundle : public ::testing::Test {
protected:
    Bundle() {
        fs::create_directory(folder_ / "from");
        fs::create_directory(folder_ / "to");
    }

    fs::path part(const std::string& name, const std::string& bytes) {
        save(folder_ / "from" / name, bytes);
        return folder_ / "from" / name;
    }
    static void save(const fs::path& path, const std::string& bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
    }
    static std::string bytes_of(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    fs::path file() const { return folder_ / "souk.backup"; }
    fs::path to() const { return folder_ / "to"; }

    testing::TemporaryFolder temporary_;
    fs::path folder_{temporary_.path()};
};

TEST_F(Bundle, what_was_put_in_comes_out_again) {
    const std::string binary("a\nfile b 3\n\0end\n", 16);

    write({part("flash.backup", binary), part("empty", ""), part("store db", "x")}, file());

    EXPECT_TRUE(is_bundle(file()));
    EXPECT_EQ(extract(file(), to()),
              (std::vector<std::string>{"flash.backup", "empty", "store db"}));
    EXPECT_EQ(bytes_of(to() / "flash.backup"), binary);
    EXPECT_EQ(bytes_of(to() / "empty"), "");
    EXPECT_EQ(bytes_of(to() / "store db"), "x");
}

TEST_F(Bundle, only_its_user_can_read_it) {
    write({part("a", "x")}, file());

    struct stat found{};
    ASSERT_EQ(::stat(file().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(Bundle, nothing_is_overwritten_and_nothing_is_left_beside_it) {
    save(file(), "mine");

    EXPECT_THROW(write({part("a", "x")}, file()), std::runtime_error);

    EXPECT_EQ(bytes_of(file()), "mine");
    EXPECT_FALSE(fs::exists(file().string() + ".part"));
}

TEST_F(Bundle, a_part_that_is_missing_leaves_no_bundle) {
    EXPECT_ANY_THROW(write({part("a", "x"), folder_ / "from" / "gone"}, file()));

    EXPECT_FALSE(fs::exists(file()));
    EXPECT_FALSE(fs::exists(file().string() + ".part"));
}

TEST_F(Bundle, whoever_says_stop_gets_no_bundle) {
    std::stop_source stop;
    stop.request_stop();

    EXPECT_THROW(write({part("a", "x")}, file(), stop.get_token()), core::Unavailable);

    EXPECT_FALSE(fs::exists(file()));
}

TEST_F(Bundle, every_changed_byte_is_found) {
    write({part("a", "abc"), part("b", "def")}, file());
    const std::string whole = bytes_of(file());

    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        save(file(), changed);
        fs::remove_all(to());
        fs::create_directory(to());
        std::vector<std::string> names;
        try {
            names = extract(file(), to());
        } catch (const std::runtime_error&) {
            continue;
        }
        // A name may be another one, which is then not among those that are looked for.
        EXPECT_NE(names, (std::vector<std::string>{"a", "b"})) << "byte " << at;
    }
}

TEST_F(Bundle, one_that_was_cut_is_found) {
    write({part("a", "abc")}, file());
    const std::string whole = bytes_of(file());

    for (std::size_t length = 0; length < whole.size(); ++length) {
        save(file(), whole.substr(0, length));
        fs::remove_all(to());
        fs::create_directory(to());
        EXPECT_THROW(extract(file(), to()), std::runtime_error) << length << " bytes";
    }
}

TEST_F(Bundle, a_name_never_leads_out_of_the_folder) {
    for (const char* name : {"../a", "/a", ".", "..", "a/b", ""}) {
        save(file(), "souk bundle 1\nfile " + std::string(name) +
                         " 0\n\nsha256 "
                         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nend\n");
        EXPECT_THROW(extract(file(), to()), std::runtime_error) << name;
    }
    EXPECT_TRUE(fs::is_empty(to()));
}

}  // namespace
}  // namespace souk::bundle
