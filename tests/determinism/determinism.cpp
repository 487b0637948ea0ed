// Same scenario, seed and build: same world, whoever watches, and from any fork on.

#include "models/check/guarantees.hpp"
#include "models/cluster/weather.hpp"
#include "models/scenario/scenario.hpp"
#include "tools/highwater/suite/finding.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

std::vector<Scenario> shipped(const std::string& folder = "") {
    const SettingTables tables;
    std::vector<Scenario> all;
    const highwater::Findings findings =
        highwater::find_scenarios({std::string(HIGHWATER_SOURCE_DIR) + "/scenarios" + folder});
    for (const highwater::FoundFile& found : findings.files) {
        ReadResult result = read_scenario(found.text, found.file, {}, tables);
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        all.push_back(std::move(*result.scenario));
    }
    REQUIRE(!all.empty());
    return all;
}

World world_of(const Scenario& scenario, std::uint64_t seed) {
    return make_world(with_weather(scenario.configuration, seed), seed);
}

sim::Digest plain_run(const Scenario& scenario, std::uint64_t seed) {
    World world = world_of(scenario, seed);
    while (step(world)) {
    }
    return digest(world);
}

} // namespace

TEST_CASE("determinism: weather repeats, and nobody who watches changes it") {
    // The other folders: highwater test --verify-determinism (tests/scenarios.sh).
    for (const Scenario& scenario : shipped("/weather")) {
        const sim::Digest once = plain_run(scenario, 3);
        CHECK_MESSAGE(once == plain_run(scenario, 3), scenario.name);
        CHECK_MESSAGE(!(once == plain_run(scenario, 4)), scenario.name);
        World world = world_of(scenario, 3);
        const Configuration& configuration = *world.configuration;
        Ledger ledger(configuration);
        Readings readings(configuration);
        Invariants invariants(configuration);
        Observer* const observers[] = {&ledger, &readings, &invariants};
        run(world, observers);
        CHECK_MESSAGE(digest(world) == once, scenario.name);
    }
}

TEST_CASE("determinism: forked at any event, copy and original go the same way") {
    // Goal: forks at five events drawn for each scenario; each fork, continued on its own after the original
    // is over, ends in the same world as the original and as a run that was never forked.
    constexpr std::uint64_t seed = 5;
    std::uint64_t number = 0;
    for (const Scenario& scenario : shipped()) {
        const auto drawn = with_weather(scenario.configuration, seed); // equal worlds share it
        World straight = make_world(drawn, seed);
        while (step(straight)) {
        }
        std::vector<std::uint64_t> places;
        for (std::uint64_t i = 0; i < 5; ++i)
            places.push_back(1 + sim::below(sim::draw_bits(seed, 1, number, i), straight.events));
        ++number;
        std::vector<World> forks;
        World original = make_world(drawn, seed);
        while (step(original))
            for (const std::uint64_t place : places)
                if (original.events == place) forks.push_back(original);
        CHECK_MESSAGE(original == straight, scenario.name);
        CHECK_MESSAGE(forks.size() == places.size(), scenario.name);
        for (World& fork : forks) {
            const std::uint64_t place = fork.events;
            const World copy = fork;
            while (step(fork)) {
            }
            CHECK_MESSAGE(fork == original, scenario.name << ", forked at event " << place);
            CHECK_MESSAGE(digest(fork) == digest(straight), scenario.name << ", forked at event " << place);
            CHECK_MESSAGE(copy.events == place, scenario.name); // what the fork did reached nobody else
        }
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
