#include "services/flash/tests/faults/log_on_disk.h"

#include "platform/core/error.h"

#include <algorithm>
#include <utility>

namespace souk::flash {

using namespace std::chrono_literals;

void LogOnDisk::open() {
    doing = Doing::opening;
    log_ = std::make_unique<SqliteOrderLog>(
        SqliteOrderLog::Options{
            .file = file, .key_life = 60s, .vfs = disk.vfs(), .removed_at_once = 1},
        clock_, random_);
    if (disk.is_off()) return;
    identity_ = log_->identity();
    for (const LogEntry& entry : log_->stored()) {
        if (!entry.order) continue;  // compare() tells of it
        durable_[core::to_string(entry.order->record.id)] = entry.position;
        last_position_ = std::max(last_position_, entry.position);
    }
    log_->start_without_thread(*this);
}

void LogOnDisk::close() {
    doing = Doing::closing;
    log_.reset();
}

void LogOnDisk::write(std::uint32_t orders) {
    if (!log_) return;
    doing = Doing::writing;
    groups_.emplace_back();
    for (std::uint32_t i = 0; i < orders; ++i) {
        OrderRecord record = order_record(++written_);
        groups_.back().push_back(core::to_string(record.id));
        log_->append(entry_of(std::move(record), 0, Phase::handing_over));
    }
    log_->step();
}

void LogOnDisk::round() {
    doing = Doing::forgetting;
    if (log_) log_->step();
}

void LogOnDisk::consume_all() {
    if (!log_ || disk.is_off()) return;
    clock_.advance(61s);
    forgettable_ = last_position_;
    log_->consumed(last_position_);
}

void LogOnDisk::read_along() {
    const db::sqlite::Connection::Options options{.vfs = disk.vfs()};
    reader_ = std::make_unique<db::sqlite::Connection>(file, db::sqlite::Mode::read_only, options);
    reader_->run("SELECT count(*) FROM log", {});
}

void LogOnDisk::live() {
    try {
        for (int life = 0; life < 2 && !disk.is_off(); ++life) {
            open();
            for (const std::uint32_t orders : {1U, 3U, 2U}) write(orders);
            consume_all();
            write(2);
            round();
            write(1);
            close();
        }
    } catch (const core::Unavailable&) {
        close();  // the program ends with a message
    }
}

// What the log says after its "death" was heard by nobody.
void LogOnDisk::settled(std::span<const LogEntry> entries, bool durable) {
    if (disk.is_off()) return;
    for (const LogEntry& entry : entries) {
        const std::string id = core::to_string(entry.order->record.id);
        if (durable) {
            durable_[id] = entry.position;
            last_position_ = std::max(last_position_, entry.position);
        } else {
            lost_.insert(id);
        }
    }
}

std::string LogOnDisk::broken_promise() {
    close();
    reader_.reset();
    disk.heal();
    try {
        const std::string identity = std::exchange(identity_, "");
        const std::map<std::string, std::int64_t> durable = durable_;
        open();
        durable_ = durable;
        if (!identity.empty() && identity != identity_) return "the log has another identity";
        return compare();
    } catch (const std::exception& failure) {
        return std::string("the log cannot be opened: ") + failure.what();
    }
}

std::string LogOnDisk::compare() {
    std::set<std::string> found;
    std::int64_t last = 0;
    for (const LogEntry& entry : log_->stored()) {
        if (!entry.order) return "a record cannot be read: " + entry.broken_detail;
        const std::string id = core::to_string(entry.order->record.id);
        if (entry.position <= last) return "the positions do not rise";
        last = entry.position;
        if (!found.insert(id).second) return id + " is there twice";
        if (lost_.contains(id)) return id + " was called lost and is there";
        const auto promised = durable_.find(id);
        if (promised != durable_.end() && promised->second != entry.position)
            return id + " has another position";
    }
    for (const auto& [id, position] : durable_) {
        if (position > forgettable_ && !found.contains(id)) return id + " was durable and is gone";
    }
    if (last < forgettable_) return "the positions do not go on rising";
    return compare_groups(found);
}

// Of a group that nobody settled all is there, or nothing; settled ones may have been forgotten.
std::string LogOnDisk::compare_groups(const std::set<std::string>& found) const {
    for (const std::vector<std::string>& group : groups_) {
        const auto count =
            std::ranges::count_if(group, [&](const std::string& id) { return found.contains(id); });
        const bool is_whole = count == 0 || count == static_cast<std::ptrdiff_t>(group.size());
        if (!is_whole && !durable_.contains(group.front()))
            return "half a group is there, from " + group.front();
    }
    return "";
}

}  // namespace souk::flash
