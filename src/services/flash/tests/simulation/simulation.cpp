#include "services/flash/tests/simulation/simulation.h"

#include <sqlite3.h>

#include <array>
#include <utility>

namespace souk::flash::simulation {

using namespace std::chrono_literals;

Simulation::Plan Simulation::draw(Dice& dice) {
    Plan plan{};
    plan.config.rate_limit_rps = 0;
    plan.config.idempotency_ttl_seconds = dice.chance(300) ? 3 : 60;
    plan.config.cancel_window_seconds = dice.chance(400) ? 600 : 0;
    plan.config.max_backlog = dice.chance(200) ? 3 : 100;
    plan.config.max_products = 100;
    plan.config.max_per_user = dice.chance(250) ? 2 : 0;
    plan.config.orders_keep_days = dice.chance(200) ? 1 : 0;
    plan.config.orders_retired = dice.chance(500) ? "archive" : "delete";
    plan.steps = static_cast<int>(dice.between(100, 500));
    plan.starts_selling = dice.chance(800);
    plan.products = dice.between(1, 2);
    plan.quantity_max = dice.between(1, 8);
    plan.keys = dice.between(3, 40);
    plan.trouble = dice.chance(150) ? 0 : static_cast<std::uint64_t>(dice.between(10, 120));
    plan.database_ill = dice.chance(300) ? 0 : static_cast<std::uint64_t>(dice.between(10, 250));
    plan.refused = dice.chance(100) ? 100 : 0;
    plan.has_days = plan.config.orders_keep_days > 0;
    return plan;
}

Ledger::Rules Simulation::rules(const Plan& plan) {
    const Retention::Choice retention = Retention::choice(plan.config);
    return {.key_life = std::chrono::seconds(plan.config.idempotency_ttl_seconds),
            .keep = retention.keep,
            .archive = retention.archive,
            .max_per_user = plan.config.max_per_user};
}

Simulation::Simulation(std::uint64_t seed, Plant plant, Telling telling)
    : dice_(seed),
      plan_(draw(dice_)),
      plant_(plant),
      random_(seed),
      story_(clock_, telling),
      ledger_(clock_, rules(plan_), story_),
      weather_(clock_, story_, [this] {
          story_.tell("", "the power fails in the middle of a step");
          ledger_.process_died();
      }) {
    // SQLite salts its WAL with random numbers; with these the files are the same in every run.
    ::sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 1, nullptr);
    if (plant == Plant::log_sync_left_out) weather_.skip_syncs_of("flash-log.db-wal");
    if (plant == Plant::database_sync_left_out) weather_.skip_syncs_of("flash.db-wal");
}

// Steps with trouble, then rest; and at last the power fails once more, since what a process at
// rest has promised must be on the disk.
Outcome Simulation::run() {
    boot();
    if (plan_.starts_selling) opens_the_shop();
    for (; steps_ < plan_.steps && !ledger_.broken(); ++steps_) {
        step();
        if (weather_.is_dead()) end_process("the power is back");
        observe();
    }
    for (const bool is_last : {false, true}) {
        if (ledger_.broken()) break;
        if (!comes_to_rest()) ledger_.fail("with everything healed it does not come to rest", {});
        if (is_last || ledger_.broken()) break;
        weather_.lose_power(dice_.next());
        end_process("the power fails at rest");
    }
    story_.add_to_digest(dice_.next());
    return {ledger_.broken(), story_.about(ledger_.concerned()), ledger_.admitted(), lives_, steps_,
            story_.digest()};
}

// A first sale without trouble: without one there is little to break.
void Simulation::opens_the_shop() {
    while (process_ && !process_->shop.operations.is_open()) drive();
    process_->spawn(starts_sale(product(), plan_.quantity_max));
    drive();
}

void Simulation::boot() {
    const auto look = [this](db::sqlite::Connection& connection) {
        const Weather::Calm calm(weather_);
        if (!weather_.is_dead()) ledger_.look(connection);
    };
    try {
        process_ = std::make_unique<Process>(
            plan_.config,
            Process::Surroundings{clock_, random_, ledger_, look, weather_.vfs(), plant_});
    } catch (const std::exception& failure) {
        story_.tell("", std::string("the log cannot be opened: ") + failure.what());
        return;
    }
    ++lives_;
    story_.tell("", "the process starts");
    process_->start();
}

void Simulation::end_process(const char* how) {
    story_.tell("", how);
    process_.reset();
    weather_.come_back();
    ledger_.process_ended();
    boot();
}

void Simulation::step() {
    if (!process_) {
        if (dice_.chance(300)) weather_.heal();
        time_passes();
        return boot();
    }
    if (dice_.below(1000) < plan_.trouble) return trouble_comes();
    switch (dice_.below(10)) {
        case 0:
        case 1:
            return client_acts();
        case 2:
            return process_->log.step();
        case 3:
        case 4:
        case 5:
            for (std::int64_t i = dice_.between(1, 6); i > 0 && !weather_.is_dead(); --i) {
                database_acts();
                loop_runs();
                observe();
            }
            return;
        case 6:
            return time_passes();
        default:
            return loop_runs();
    }
}

// What can be checked after every step without asking the database; what that shows was looked at
// after its latest commit.
void Simulation::observe() {
    if (!process_ || weather_.is_dead()) return;
    for (const SaleFigures& sale : process_->gate.sales(plan_.config.max_products))
        ledger_.stock_seen(sale.product_id, sale.left);
    ledger_.backlog_seen(process_->shop.backlog);
}

void Simulation::loop_runs() {
    for (std::int64_t i = dice_.between(1, 4); i > 0; --i) process_->context().poll_one();
}

void Simulation::database_acts() {
    SimulatedDatabase& database = process_->database;
    const std::size_t waiting = database.waiting();
    const std::size_t late = database.late();
    if (waiting + late == 0) return loop_runs();
    const std::size_t n = dice_.below(waiting + late);
    if (n >= waiting) return database.answer_late(n - waiting);
    Fate fate = database_down_ ? Fate::refused : Fate::answered;
    if (!database_down_ && dice_.chance(plan_.database_ill)) {
        constexpr std::array<Fate, 4> fates = {Fate::answered_late, Fate::answered_late,
                                               Fate::refused, Fate::answer_lost};
        fate = fates[dice_.below(fates.size())];
        if (fate == Fate::answer_lost) story_.tell("", "an answer of the database is lost");
    }
    database.carry_out(n, fate);
}

void Simulation::time_passes() {
    constexpr std::array<std::chrono::milliseconds, 8> lengths = {1ms,  1ms,   5ms, 20ms,
                                                                  50ms, 200ms, 1s,  5s};
    if (plan_.has_days && dice_.chance(50)) {
        story_.tell("", "a day goes by");
        return clock_.advance(25h);
    }
    clock_.advance(lengths[dice_.below(lengths.size())]);
}

void Simulation::drive() {
    process_->context().poll();
    process_->log.step();
    while (process_->database.waiting() + process_->database.late() > 0 && !ledger_.broken()) {
        SimulatedDatabase& database = process_->database;
        database.waiting() > 0 ? database.carry_out(0, Fate::answered) : database.answer_late(0);
        process_->context().poll();
        observe();
    }
    observe();
}

bool Simulation::is_at_rest() const {
    const Shop& shop = process_->shop;
    return process_->clients() == 0 && shop.operations.is_open() && process_->log.healthy() &&
           shop.backlog.size() == 0 && shop.backlog.queued() == 0;
}

// Heals everything and goes on until all is settled; doubts are looked at once a second, and some
// answers are waited for by the second.
bool Simulation::comes_to_rest() {
    story_.tell("", "everything is healed");
    weather_.heal();
    database_down_ = false;
    if (!process_) boot();
    int resting = 0;
    for (int i = 0; process_ && i < 400 && resting < 8 && !ledger_.broken(); ++i) {
        drive();
        clock_.advance(i < 20 ? 20ms : 300ms);
        resting = i >= 20 && is_at_rest() ? resting + 1 : 0;
    }
    if (resting < 8) return ledger_.broken().has_value();
    process_->database.look_now();
    ledger_.at_rest(process_->shop.backlog.size());
    return true;
}

Outcome simulate(std::uint64_t seed, Plant plant) {
    Outcome outcome = Simulation(seed, plant, Telling::nothing).run();
    if (!outcome.broken) return outcome;
    Outcome again = Simulation(seed, plant, Telling::what_concerns).run();
    if (again.digest != outcome.digest) again.broken = *outcome.broken + " (but not when repeated)";
    return again;
}

}  // namespace souk::flash::simulation
