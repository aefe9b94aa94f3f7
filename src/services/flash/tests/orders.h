// Orders for tests: number N has the id, key and user that belong to N.
#pragma once

#include "services/flash/pending_order.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace souk::flash {

inline constexpr std::int64_t test_time_ms = 1'700'000'000'000;  // where FixedClock starts

inline OrderId order_id(std::uint32_t number) {
    OrderId id;
    id.bytes = {0x01, 0x8B, 0xCF, 0xE5, 0x68, 0, 0x70, 0, 0x80};
    for (std::uint32_t i = 0; i < 4; ++i)
        id.bytes[12 + i] = static_cast<std::uint8_t>(number >> (24U - 8U * i));
    return id;
}

inline std::string key_of(std::uint32_t number) { return "key-" + std::to_string(number); }

inline OrderRecord order_record(std::uint32_t number, std::string product = "phone",
                                Epoch epoch = 1) {
    return {.id = order_id(number),
            .product_id = std::move(product),
            .user_id = "user-" + std::to_string(number),
            .key = key_of(number),
            .epoch = epoch,
            .accepted_at_ms = test_time_ms + number};
}

inline LogEntry entry_of(OrderRecord record, std::int64_t position, Phase phase = Phase::pending) {
    return {.kind = LogEntry::Kind::order,
            .order = std::make_shared<PendingOrder>(std::move(record), phase),
            .position = position,
            .broken_detail = {},
            .decided = nullptr};
}

inline LogEntry order_entry(std::uint32_t number, std::int64_t position = 0) {
    return entry_of(order_record(number), position);
}

inline LogEntry cancellation_of(const PendingOrderPtr& order, std::int64_t position = 0) {
    return {.kind = LogEntry::Kind::cancellation,
            .order = order,
            .position = position,
            .broken_detail = {},
            .decided = std::make_shared<core::Event>()};
}

inline LogEntry broken_entry(std::string detail, std::int64_t position) {
    return {.kind = LogEntry::Kind::broken,
            .order = nullptr,
            .position = position,
            .broken_detail = std::move(detail),
            .decided = nullptr};
}

}  // namespace souk::flash
