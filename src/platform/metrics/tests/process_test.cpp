#include "platform/metrics/process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fcntl.h>
#include <unistd.h>

namespace souk::metrics {
namespace {

TEST(Process, tells_memory_time_and_start) {
    const ProcessUse use = process_use();

    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    EXPECT_GT(use.resident_bytes, 1'000'000U);
    EXPECT_GT(use.cpu_seconds, 0);
    EXPECT_GT(use.start_time_seconds, now.count() - 3600);
    EXPECT_LE(use.start_time_seconds, now.count() + 1);
}

TEST(Process, counts_an_opened_descriptor) {
    const std::uint64_t before = process_use().open_descriptors;

    const int opened = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const std::uint64_t during = process_use().open_descriptors;
    ::close(opened);

    EXPECT_EQ(during, before + 1);
    EXPECT_EQ(process_use().open_descriptors, before);
}

TEST(Process, shows_itself_under_the_customary_names) {
    Registry registry;
    const std::vector<Gauge> gauges = process_gauges(registry);

    const std::string text = registry.text();

    for (const char* line :
         {"# TYPE process_resident_memory_bytes gauge", "# TYPE process_cpu_seconds_total counter",
          "# TYPE process_open_fds gauge", "# TYPE process_start_time_seconds gauge"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
    }
}

}  // namespace
}  // namespace souk::metrics
