// Faults that the simulation must find: each is planted through a seam of the simulation, none is
// in production code.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace souk::flash::simulation {

enum class Plant {
    none,
    log_sync_left_out,
    database_sync_left_out,
    answered_before_durable,
    undecided_taken_for_lost,
    unit_returned_too_early,
    unit_returned_twice,
    old_sale_returns_its_unit,
    old_sale_lowers_stock,
    cancelled_again,
    batch_written_again,
    position_apart,
    consumed_too_early,
    key_not_restored,
    buyers_not_restored,
    duplicate_check_dropped,
    cancellations_forgotten
};

struct PlantRow {
    Plant plant;
    std::string_view name;
    std::string_view what;
};

constexpr std::array<PlantRow, 17> plants = {
    {{Plant::none, "none", "production as it is"},
     {Plant::log_sync_left_out, "log_sync_left_out", "syncs of the log's WAL do nothing"},
     {Plant::database_sync_left_out, "database_sync_left_out",
      "syncs of the database's WAL do nothing"},
     {Plant::answered_before_durable, "answered_before_durable",
      "orders count as durable when they are given to the log"},
     {Plant::undecided_taken_for_lost, "undecided_taken_for_lost",
      "a failed commit of the log counts as \"not in the log\""},
     {Plant::unit_returned_too_early, "unit_returned_too_early",
      "a cancelled order's unit is back before the cancellation is durable"},
     {Plant::unit_returned_twice, "unit_returned_twice", "a lost order gives two units back"},
     {Plant::old_sale_returns_its_unit, "old_sale_returns_its_unit",
      "the gate does not compare the sale of a returned unit"},
     {Plant::old_sale_lowers_stock, "old_sale_lowers_stock",
      "the worker does not compare the sale when it lowers the stock"},
     {Plant::cancelled_again, "cancelled_again",
      "a cancel of a confirmed order does not look whether it is cancelled already"},
     {Plant::batch_written_again, "batch_written_again",
      "orders that were committed without an answer lower the stock once more"},
     {Plant::position_apart, "position_apart",
      "the worker's position is written in a transaction of its own"},
     {Plant::consumed_too_early, "consumed_too_early",
      "the log may drop records that are not in the database yet"},
     {Plant::key_not_restored, "key_not_restored", "a restart forgets the keys"},
     {Plant::buyers_not_restored, "buyers_not_restored", "a restart forgets who bought what"},
     {Plant::duplicate_check_dropped, "duplicate_check_dropped", "the gate knows no key"},
     {Plant::cancellations_forgotten, "cancellations_forgotten",
      "a restart reads the orders of the log, not their cancellations"}}
};

constexpr std::optional<Plant> plant_named(std::string_view name) {
    for (const PlantRow& each : plants) {
        if (each.name == name) return each.plant;
    }
    return std::nullopt;
}

}  // namespace souk::flash::simulation
