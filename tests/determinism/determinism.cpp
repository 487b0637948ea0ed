// Same scenario, seed and build: same world, whoever watches, and from any fork on.

#include "models/check/guarantees.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace kafka;

namespace {

std::vector<Scenario> shipped() {
    const SettingTables tables;
    std::vector<Scenario> all;
    const std::filesystem::path root = std::filesystem::path(HIGHWATER_SOURCE_DIR) / "scenarios";
    for (const char* folder : {"tour", "book", "fidelity"})
        for (const auto& entry : std::filesystem::directory_iterator(root / folder)) {
            if (entry.path().extension() != ".json") continue;
            std::ostringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            ReadResult result = read_scenario(text.str(), entry.path().filename().string(), {}, tables);
            REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
            all.push_back(std::move(*result.scenario));
        }
    return all;
}

sim::Digest plain_run(const Scenario& scenario, std::uint64_t seed) {
    World world = make_world(scenario.configuration, seed);
    while (step(world)) {
    }
    return digest(world);
}

} // namespace

TEST_CASE("determinism: every shipped scenario repeats, and nobody who watches changes it") {
    for (const Scenario& scenario : shipped()) {
        const sim::Digest once = plain_run(scenario, 3);
        CHECK_MESSAGE(once == plain_run(scenario, 3), scenario.name);
        CHECK_MESSAGE(!(once == plain_run(scenario, 4)), scenario.name);
        World world = make_world(scenario.configuration, 3);
        Ledger ledger(*scenario.configuration);
        Readings readings(*scenario.configuration);
        Invariants invariants(*scenario.configuration);
        Observer* const observers[] = {&ledger, &readings, &invariants};
        run(world, observers);
        CHECK_MESSAGE(digest(world) == once, scenario.name);
    }
}

TEST_CASE("determinism: a fork and its original go the same way") {
    for (const Scenario& scenario : shipped()) {
        World world = make_world(scenario.configuration, 5);
        for (int i = 0; i < 3000 && step(world); ++i) {
        }
        World fork = world;
        CHECK_MESSAGE(fork == world, scenario.name);
        while (step(world)) {
        }
        CHECK_MESSAGE(!(fork.events == world.events && !world.finished), scenario.name);
        while (step(fork)) {
        }
        CHECK_MESSAGE(digest(fork) == digest(world), scenario.name);
        CHECK_MESSAGE(digest(fork) == plain_run(scenario, 5), scenario.name);
    }
}

TEST_CASE("determinism: cost follows batches, not records") {
    const SettingTables tables;
    const auto events = [&](const char* records, const char* size) {
        const std::string text =
            std::string(R"({"topics":[{"name":"t"}],"producers":[{"records":{"count":)") + records +
            R"(,"rate":)" + records + R"(,"size":)" + size +
            R"(},"config":{"batch.size":1000000,"linger.ms":50,"max.request.size":2000000}}]})";
        ReadResult result = read_scenario(text, "x", {}, tables);
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        World world = make_world(result.scenario->configuration, 1);
        while (step(world)) {
        }
        return world.events;
    };
    const std::uint64_t few = events("1000", "900000");  // a batch each
    const std::uint64_t many = events("1000000", "890"); // about a thousand in a batch
    CHECK(many < few * 2);
}
