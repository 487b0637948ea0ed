// The comparison of runs, seen red: with traces made up, and with a run that is disturbed from outside.

#include "tools/highwater/suite/reproducing.hpp"

#include "tools/highwater/suite/suite.hpp"

#include <doctest/doctest.h>

using namespace highwater;

namespace {

constexpr const char* two_seeds = R"({"topics": [{"name": "t"}], "seeds": 2,
    "producers": [{"name": "shop", "records": {"count": 2000, "rate": 1000}}],
    "faults": [{"at": "2s", "do": "crash", "target": "leader of t-0", "for": "3s"}]})";

kafka::Scenario scenario() {
    return std::move(*read_scenario(two_seeds, "x.json", {}, kafka::SettingTables()).scenario);
}

Trace trace_of(std::initializer_list<std::pair<int, int>> events_and_offsets) {
    Trace trace;
    for (const auto& [event, offset] : events_and_offsets)
        trace.on(sim::SimTime{event * 10}, static_cast<std::uint64_t>(event),
                 kafka::fact::MetadataApplied{kafka::BrokerSlot{0}, kafka::Offset{offset}}, kafka::World());
    return trace;
}

SuiteResult tested(const Disturbance& disturbance, std::size_t threads = 1) {
    SuiteOptions options;
    options.verify_determinism = true;
    options.disturbance = disturbance;
    options.threads = threads;
    Findings findings;
    findings.files = {{"x.json", two_seeds, true}};
    return run_suite(findings, options, {});
}

const Check& determinism_of(const SuiteResult& result) {
    return result.scenarios.front().checks.back().example;
}

} // namespace

TEST_CASE("reproducing: the first event that two traces tell differently is named") {
    const kafka::Scenario any = scenario();
    const auto difference = [&](const Trace& one, const Trace& other) {
        return first_difference(one, other, *any.configuration);
    };
    const Trace one = trace_of({{1, 5}, {2, 6}, {4, 7}});
    CHECK(!difference(one, trace_of({{1, 5}, {2, 6}, {4, 7}})));
    const auto changed = difference(one, trace_of({{1, 5}, {2, 9}, {4, 8}}));
    REQUIRE(changed);
    CHECK(changed->event == 2);
    CHECK(changed->time == sim::SimTime{20});
    CHECK(changed->one == R"({"time_us":20,"event":2,"fact":"MetadataApplied","broker":1,"offset":6})");
    CHECK(changed->other == R"({"time_us":20,"event":2,"fact":"MetadataApplied","broker":1,"offset":9})");
    const auto earlier = difference(one, trace_of({{1, 5}, {2, 6}, {3, 7}}));
    REQUIRE(earlier);
    CHECK(earlier->event == 3); // the other run noted something where the first was silent
    const auto shorter = difference(one, trace_of({{1, 5}, {2, 6}}));
    REQUIRE(shorter);
    CHECK(shorter->event == 4);
    CHECK(shorter->other == "nothing more");
}

TEST_CASE("reproducing: an undisturbed run repeats, watched and not") {
    const SuiteResult result = tested({});
    CHECK(exit_code_of(result) == 0);
    CHECK(determinism_of(result).kind == Check::Kind::determinism);
    CHECK(determinism_of(result).state == Check::State::passed);
}

TEST_CASE("reproducing: another random stream from event 500 on is found: exit 4") {
    const Disturbance disturbance = [](kafka::World& world) {
        if (world.events == 500) world.kernel.choices.key ^= 1;
    };
    const SuiteResult result = tested(disturbance);
    CHECK(exit_code_of(result) == 4);
    const Check& check = determinism_of(result);
    CHECK(check.state == Check::State::failed);
    CHECK(check.because.find("run again, event 5") == 0); // soon after 500
    CHECK(check.because.find("is the first that differs") != std::string::npos);
    CHECK(check.wanted.find("\"fact\":") != std::string::npos);
    CHECK(check.got.find("\"fact\":") != std::string::npos);
    CHECK(check.wanted != check.got);
}

TEST_CASE("reproducing: a change that no fact tells is found in the final world") {
    const Disturbance disturbance = [](kafka::World& world) {
        if (world.events == 500) world.brokers[1].disk.directory += 1;
    };
    const SuiteResult result = tested(disturbance, 2);
    CHECK(exit_code_of(result) == 4);
    CHECK(determinism_of(result).got.find("the final world has digest") != std::string::npos);
}

TEST_CASE("reproducing: a run that differs only when nobody watches is found") {
    int runs = 0; // of each seed the first is watched, the second not, the third tells where they part
    const Disturbance disturbance = [&](kafka::World& world) {
        if (world.events == 0) ++runs;
        if (world.events == 500 && runs >= 2) world.kernel.choices.key ^= 1;
    };
    const SuiteResult result = tested(disturbance);
    const Check& first = determinism_of(result);
    CHECK(first.state == Check::State::failed);
    CHECK(first.because.find("run without observers, event 5") == 0);
}
