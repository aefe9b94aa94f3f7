#include "platform/log/log.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace souk::log {
namespace {

// A pipe in place of stderr; what was logged is read after stop.
class Pipe {
public:
    explicit Pipe(Options options = {}) {
        EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
        options.descriptor = ends_[1];
        start(options);
    }
    ~Pipe() {
        stop();
        close_reader();
        ::close(ends_[1]);
    }

    // For what fits into the pipe, 64 KiB.
    std::vector<std::string> lines() {
        stop();
        EXPECT_EQ(::fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
        std::array<char, 4096> some;
        for (ssize_t got = 1; got > 0;) {
            got = ::read(ends_[0], some.data(), some.size());
            if (got > 0) text_.append(some.data(), static_cast<std::size_t>(got));
        }
        std::istringstream all(text_);
        std::vector<std::string> found;
        for (std::string line; std::getline(all, line);) found.push_back(line);
        return found;
    }

    void close_reader() {
        if (ends_[0] >= 0) ::close(ends_[0]);
        ends_[0] = -1;
    }

    int reader() const { return ends_[0]; }

private:
    std::array<int, 2> ends_{-1, -1};
    std::string text_;
};

TEST(Log, writes_json_where_there_is_no_terminal) {
    Pipe pipe;

    warn("flash", "backlog grows",
         {
             {"depth", 12}
    });
    access({.service = "flash", .route = "/order", .method = "POST", .status = 409});

    const std::vector<std::string> lines = pipe.lines();
    ASSERT_EQ(lines.size(), 2U);
    const boost::json::value first = boost::json::parse(lines[0]);
    EXPECT_EQ(first.at("level").as_string(), "warn");
    EXPECT_EQ(first.at("message").as_string(), "backlog grows");
    EXPECT_EQ(first.at("depth").as_int64(), 12);
    EXPECT_EQ(first.at("time").as_string().size(), 24U);
    EXPECT_EQ(boost::json::parse(lines[1]).at("status").as_int64(), 409);
}

TEST(Log, pretty_without_a_terminal_has_no_colours) {
    Pipe pipe({.format = Format::pretty});

    error("flash", "no");

    const std::vector<std::string> lines = pipe.lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].substr(12), " ERROR flash no");
}

TEST(Log, lines_below_the_level_are_not_written) {
    Pipe pipe({.level = Level::warn});

    debug("flash", "1");
    info("flash", "2");
    access({.service = "flash"});
    warn("flash", "3");

    EXPECT_FALSE(enabled(Level::info));
    EXPECT_EQ(pipe.lines().size(), 1U);
}

TEST(Log, off_writes_nothing_at_all) {
    Pipe pipe({.level = Level::off});

    error("flash", "1");

    EXPECT_TRUE(pipe.lines().empty());
}

TEST(Log, lines_of_many_threads_stay_whole) {
    Pipe pipe;

    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([] {
                for (int n = 0; n < 100; ++n)
                    info("flash", "a line",
                         {
                             {"n", n}
                    });
            });
        }
    }

    const std::vector<std::string> lines = pipe.lines();
    EXPECT_EQ(lines.size(), 400U);
    for (const std::string& line : lines) EXPECT_TRUE(boost::json::parse(line).is_object());
    EXPECT_EQ(dropped(), 0U);
}

TEST(Log, a_reader_that_does_not_read_costs_lines_and_not_time) {
    Pipe pipe({.lines_queued_max = 16, .stop_ms_max = 20});
    const std::string long_text(1000, 'x');
    constexpr std::uint64_t written = 1000;  // far more than pipe and queue hold

    for (std::uint64_t n = 0; n < written; ++n) info("flash", long_text);
    std::uint64_t arrived = 0;
    for (const std::string& line : pipe.lines())
        arrived += line.find(long_text) != line.npos ? 1 : 0;

    EXPECT_GT(dropped(), 0U);
    EXPECT_EQ(arrived + dropped(), written);
}

TEST(Log, tells_of_dropped_lines_once_there_is_room_again) {
    Pipe pipe({.lines_queued_max = 16, .stop_ms_max = 20});
    const std::string long_text(1000, 'x');
    for (int n = 0; n < 500; ++n) info("flash", long_text);
    ASSERT_GT(dropped(), 0U);

    std::string seen;
    std::jthread reader([&pipe, &seen] {
        std::array<char, 4096> some;
        while (seen.find("log lines were dropped") == std::string::npos) {
            const ssize_t got = ::read(pipe.reader(), some.data(), some.size());
            if (got <= 0) return;
            seen.append(some.data(), static_cast<std::size_t>(got));
        }
    });
    reader.join();

    EXPECT_NE(
        seen.find(R"("level":"warn","service":"souk","message":"log lines were dropped","lines":)"),
        std::string::npos);
}

TEST(Log, a_reader_that_went_away_is_counted_and_no_catastrophe) {
    std::signal(SIGPIPE, SIG_IGN);
    Pipe pipe;
    pipe.close_reader();

    info("flash", "to nobody");
    stop();

    EXPECT_EQ(dropped(), 1U);
}

TEST(Log, lines_after_stop_are_written_by_their_caller) {
    Pipe pipe;
    stop();

    warn("flash", "the end");

    EXPECT_EQ(pipe.lines().size(), 1U);
}

TEST(Log, a_line_longer_than_a_pipe_takes_at_once_arrives_whole) {
    Pipe pipe;
    const std::string long_text(20'000, 'x');

    info("flash", long_text);

    const std::vector<std::string> lines = pipe.lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(boost::json::parse(lines[0]).at("message").as_string(), long_text);
}

TEST(Log, stopping_beside_those_who_log_loses_no_line) {
    Pipe pipe;

    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 3; ++thread) {
            threads.emplace_back([] {
                for (int n = 0; n < 100; ++n) info("flash", "a line");
            });
        }
        stop();
    }

    EXPECT_EQ(pipe.lines().size(), 300U);
}

}  // namespace
}  // namespace souk::log
