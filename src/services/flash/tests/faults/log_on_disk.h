// The order log on a disk that fails, with a record of what it has promised. There is no thread: a
// round of the writer is a call, so that operation number N is the same one in every run.
#pragma once

#include "platform/testing/fault_disk.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"
#include "services/flash/order_log_sqlite.h"
#include "services/flash/tests/orders.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace souk::flash {

class LogOnDisk final : LogListener {
public:
    static constexpr const char* file = "log.db";

    void open();   // throws core::Unavailable as the log does; what is stored is a promise then
    void close();  // as at the end of a program
    void write(std::uint32_t orders);  // as one group
    void round();                      // of the writer, with nothing new
    void consume_all();                // and all of it outlives its key
    void read_along();  // another connection has the log open from now on, as a backup has

    // From opening a new file to the second end, with all that the log does in between. Ends early
    // when the disk goes off.
    void live();

    // Opens the log anew on a healed disk and compares. "" when every promise is kept.
    std::string broken_promise();

    std::size_t promised() const { return durable_.size(); }
    std::size_t lost() const { return lost_.size(); }
    bool has_undecided() const { return !log_->healthy(); }

    // What the program is at, for who watches the disk.
    enum class Doing { opening, writing, forgetting, closing };
    Doing doing = Doing::opening;

    testing::FaultDisk disk;

private:
    void settled(std::span<const LogEntry> entries, bool durable) override;
    std::string compare();
    std::string compare_groups(const std::set<std::string>& found) const;

    testing::FixedClock clock_;
    testing::SeededRandom random_;
    std::unique_ptr<SqliteOrderLog> log_;
    std::unique_ptr<db::sqlite::Connection> reader_;
    std::string identity_;
    std::uint32_t written_ = 0;
    std::int64_t forgettable_ = 0;  // records up to here may be gone
    std::int64_t last_position_ = 0;
    std::map<std::string, std::int64_t> durable_;  // order id to position
    std::set<std::string> lost_;
    std::vector<std::vector<std::string>> groups_;
};

}  // namespace souk::flash
