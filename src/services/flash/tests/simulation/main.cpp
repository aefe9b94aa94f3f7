// flash_simulation --seeds N [--seed S] [--plant NAME] [--verbose]: runs seeds S to S+N-1 and stops
// at the first that breaks a promise.
#include "platform/log/log.h"
#include "services/flash/tests/simulation/simulation.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

namespace simulation = souk::flash::simulation;

constexpr std::chrono::minutes progress_pause{1};

struct Choice {
    std::string program;
    std::uint64_t seeds = 1000;
    std::uint64_t seed = 1;
    std::string plant = "none";
    bool verbose = false;
    bool twice = false;
    bool must_find = false;
};

struct Sum {
    std::uint64_t seeds = 0;
    std::int64_t orders = 0;
    std::int64_t lives = 0;
    std::int64_t steps = 0;
};

std::string plants_help() {
    std::string text = "Faults for --plant, each of which has to be found:\n";
    for (const simulation::PlantRow& each : simulation::plants) {
        std::string name(each.name);
        name.resize(28, ' ');
        text += "  " + name + std::string(each.what) + "\n";
    }
    return text;
}

void print_broken(const Choice& choice, std::uint64_t seed, const std::string& promise) {
    const std::string plant = choice.plant == "none" ? "" : " --plant " + choice.plant;
    std::printf("seed %llu broke a promise: %s\nreplay: %s --seeds 1 --seed %llu%s\n",
                static_cast<unsigned long long>(seed), promise.c_str(), choice.program.c_str(),
                static_cast<unsigned long long>(seed), plant.c_str());
}

simulation::Outcome run_seed(const Choice& choice, simulation::Plant plant, std::uint64_t seed) {
    using simulation::Telling;
    if (choice.verbose) return simulation::Simulation(seed, plant, Telling::everything).run();
    simulation::Outcome outcome = simulation::simulate(seed, plant);
    if (!choice.twice || outcome.broken) return outcome;
    const simulation::Outcome again = simulation::Simulation(seed, plant, Telling::nothing).run();
    if (again.digest != outcome.digest) outcome.broken = "the same seed was another run";
    return outcome;
}

void print(const Sum& sum, std::chrono::steady_clock::time_point began) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf(
        "%llu seeds, %lld steps, %lld orders, %lld lives of the process in %.1f s "
        "(%.0f seeds/s, %.0f steps/s)\n",
        static_cast<unsigned long long>(sum.seeds), static_cast<long long>(sum.steps),
        static_cast<long long>(sum.orders), static_cast<long long>(sum.lives), took.count(),
        static_cast<double>(sum.seeds) / took.count(),
        static_cast<double>(sum.steps) / took.count());
    std::fflush(stdout);
}

int run(const Choice& choice, simulation::Plant plant) {
    const auto began = std::chrono::steady_clock::now();
    auto printed = began;
    Sum sum;
    for (std::uint64_t seed = choice.seed; seed < choice.seed + choice.seeds; ++seed) {
        const simulation::Outcome outcome = run_seed(choice, plant, seed);
        ++sum.seeds;
        sum.orders += outcome.orders;
        sum.lives += outcome.lives;
        sum.steps += outcome.steps;
        if (const auto now = std::chrono::steady_clock::now(); now - printed > progress_pause) {
            print(sum, began);
            printed = now;
        }
        if (choice.verbose || outcome.broken) {
            for (const std::string& line : outcome.story) std::printf("%s\n", line.c_str());
        }
        if (!outcome.broken) continue;
        print_broken(choice, seed, *outcome.broken);
        print(sum, began);
        return choice.must_find ? 0 : 1;
    }
    print(sum, began);
    if (choice.must_find) std::printf("%s was not found\n", choice.plant.c_str());
    return choice.must_find ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    Choice choice{.program = argv[0]};
    CLI::App app(
        "Runs flash in one thread, with trouble chosen by seeds, and checks its promises after "
        "every step.");
    app.add_option("--seeds", choice.seeds, "how many");
    app.add_option("--seed", choice.seed, "the first");
    app.add_option("--plant", choice.plant, "a fault that is to be found");
    app.add_flag("--verbose", choice.verbose, "tell everything that happens");
    app.add_flag("--twice", choice.twice, "run each seed twice and compare");
    app.add_flag("--must-find", choice.must_find, "fail when no promise is broken");
    app.footer(plants_help());
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    const auto plant = simulation::plant_named(choice.plant);
    if (!plant) {
        std::fprintf(stderr, "there is no plant '%s'\n%s", choice.plant.c_str(),
                     plants_help().c_str());
        return 2;
    }
    souk::log::start({.level = souk::log::Level::off});
    const int code = run(choice, *plant);
    souk::log::stop();
    return code;
}
