#include "platform/log/pauses.h"

#include "platform/log/log.h"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace souk::log {
namespace {

using namespace std::chrono_literals;

// What was logged while this lived.
class LongPauses : public ::testing::Test {
protected:
    LongPauses() {
        EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK), 0);
        start({.format = Format::json, .descriptor = ends_[1]});
    }
    ~LongPauses() override {
        Pauses::set_bound(25ms);
        stop();
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    std::vector<std::string> lines() {
        stop();
        std::array<char, 4096> some;
        std::string text;
        for (ssize_t got = 1; got > 0;) {
            got = ::read(ends_[0], some.data(), some.size());
            if (got > 0) text.append(some.data(), static_cast<std::size_t>(got));
        }
        std::istringstream all(text);
        std::vector<std::string> found;
        for (std::string line; std::getline(all, line);) found.push_back(line);
        return found;
    }

    std::array<int, 2> ends_{-1, -1};
    Pauses pauses_{"flash", "the disk took {} to sync the order log"};
};

TEST_F(LongPauses, a_long_one_is_told_with_its_cause) {
    pauses_.note(143ms);

    const std::vector<std::string> told = lines();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].find(R"("message":"the disk took 143 ms to sync the order log")"),
              std::string::npos)
        << told[0];
    EXPECT_NE(told[0].find(R"("pause_ms":143)"), std::string::npos) << told[0];
}

TEST_F(LongPauses, short_ones_are_not_told) {
    pauses_.note(24ms);
    Pauses::set_bound(200ms);
    pauses_.note(199ms);

    EXPECT_TRUE(lines().empty());
}

TEST_F(LongPauses, right_after_one_only_a_longer_one_is_told_and_the_others_are_counted) {
    pauses_.note(100ms);
    pauses_.note(90ms);
    pauses_.note(100ms);
    pauses_.note(110ms);

    const std::vector<std::string> told = lines();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_NE(told[1].find(R"("pause_ms":110,"shorter_untold":2)"), std::string::npos) << told[1];
}

}  // namespace
}  // namespace souk::log
