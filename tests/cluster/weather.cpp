#include "models/cluster/weather.hpp"

#include "models/check/guarantees.hpp"
#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace kafka;

namespace {

ReadResult read_with(const std::string& weather, const std::string& more = "") {
    const SettingTables tables;
    return read_scenario(
        R"({"topics":[{"name":"t"}],"producers":[{"topic":"t","records":{"count":500,"rate":100}}],
        "until":"600s","weather":)" +
            weather + more + "}",
        "x.json", {}, tables);
}

std::shared_ptr<const Configuration> configuration_with(const std::string& weather) {
    ReadResult result = read_with(weather);
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    return result.scenario->configuration;
}

std::vector<Fault> drawn(const std::string& weather, std::uint64_t seed) {
    return with_weather(configuration_with(weather), seed)->faults;
}

std::vector<Fault> of_kind(const std::vector<Fault>& faults, FaultKind kind) {
    std::vector<Fault> some;
    std::copy_if(faults.begin(), faults.end(), std::back_inserter(some),
                 [&](const Fault& fault) { return fault.kind == kind; });
    return some;
}

bool same(const std::vector<Fault>& a, const std::vector<Fault>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Fault& x, const Fault& y) {
        return x.name == y.name && x.kind == y.kind && x.at_from == y.at_from &&
               x.lasts_from == y.lasts_from && x.targets.at(0).text == y.targets.at(0).text;
    });
}

std::string problems(const std::string& weather) {
    std::string all;
    for (const InputProblem& problem : read_with(weather).problems)
        all += format(problem) + "\n";
    return all;
}

const std::string crashes = R"("crash":{"mean_every":"20s","for":{"from":"5s","to":"20s"}})";
const std::string pauses = R"("pause":{"mean_every":"15s","for":"3s","target":["broker 1","broker 3"]})";

} // namespace

TEST_CASE("weather: a seed draws the same faults each time, another seed others") {
    CHECK(same(drawn("{" + crashes + "}", 7), drawn("{" + crashes + "}", 7)));
    CHECK(!same(drawn("{" + crashes + "}", 7), drawn("{" + crashes + "}", 8)));
    CHECK(drawn("{" + crashes + "}", 7).size() > 5);
}

TEST_CASE("weather: another family moves no fault of this one") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const std::vector<Fault> both = drawn("{" + crashes + "," + pauses + "}", seed);
        CHECK(same(of_kind(both, FaultKind::crash), drawn("{" + crashes + "}", seed)));
        CHECK(same(of_kind(both, FaultKind::pause), drawn("{" + pauses + "}", seed)));
        CHECK(std::is_sorted(both.begin(), both.end(),
                             [](const Fault& a, const Fault& b) { return *a.at_from < *b.at_from; }));
    }
}

TEST_CASE("weather: no more at once than asked for, none outside its window, none on a broker that is down") {
    const std::string bound =
        R"({"from":"100s","until":"500s","power_loss":{"mean_every":"5s","for":"8s","at_most":1,"rest":"4s"},
            "crash":{"mean_every":"4s","for":{"from":"5s","to":"30s"}}})";
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const std::vector<Fault> faults = drawn(bound, seed);
        const std::vector<Fault> power_losses = of_kind(faults, FaultKind::power_loss);
        for (std::size_t i = 1; i < power_losses.size(); ++i)
            CHECK(*power_losses[i].at_from >= *power_losses[i - 1].at_from + sim::seconds(12));
        for (const Fault& fault : faults)
            CHECK((*fault.at_from >= sim::SimTime{100000000} && *fault.at_from < sim::SimTime{500000000}));
        const std::vector<Fault> all_crashes = of_kind(faults, FaultKind::crash);
        for (const Fault& a : all_crashes)
            for (const Fault& b : all_crashes)
                if (*a.at_from < *b.at_from && a.targets[0].broker == b.targets[0].broker)
                    CHECK(*b.at_from >= *a.at_from + *a.lasts_from);
    }
}

TEST_CASE("weather: gaps have the mean that was asked for, and their shape is exponential") {
    std::int64_t sum = 0;
    std::int64_t above_mean = 0;
    constexpr std::int64_t draws = 20000;
    for (std::uint64_t i = 0; i < draws; ++i) {
        const std::int64_t gap = exponential(sim::seconds(1), sim::draw_bits(5, 1, 2, i)).micros;
        sum += gap;
        above_mean += gap > 1000000 ? 1 : 0;
    }
    CHECK(std::abs(sum / draws - 1000000) < 25000);
    CHECK(std::abs(above_mean * 1000 / draws - 368) < 12);                        // 1/e
    CHECK(exponential(sim::seconds(1), std::uint64_t{1} << 63).micros == 693147); // ln 2
    CHECK(exponential(sim::seconds(1), ~std::uint64_t{0}).micros == 0);
    CHECK(exponential(sim::seconds(1), 0).micros == 44361419); // 64 ln 2
}

TEST_CASE("weather: settings do not enter the draw") {
    const SettingTables tables;
    const auto under = [&](const char* acks) {
        ReadResult result = read_scenario(
            R"({"topics":[{"name":"t"}],"producers":[{"topic":"t"}],"until":"300s","weather":{)" + crashes +
                "}}",
            "x.json", std::vector<Override>{{"acks", acks}}, tables);
        REQUIRE(result.scenario);
        return with_weather(result.scenario->configuration, 3)->faults;
    };
    CHECK(same(under("all"), under("1")));
}

TEST_CASE("weather: a world draws what was not drawn yet, and repeats") {
    const auto configuration =
        configuration_with(R"({"crash":{"mean_every":"2s","for":"3s","until":"20s"}})");
    const auto run = [&](std::shared_ptr<const Configuration> asked) {
        World world = make_world(std::move(asked), 4);
        while (step(world)) {
        }
        return digest(world);
    };
    CHECK(make_world(configuration, 4).faults.size() > 2);
    CHECK(run(configuration) == run(with_weather(configuration, 4)));
}

// Goal: no follower is left behind for good. Seed 451 is one of a thousand in which a follower was refused
// an epoch that it had left meanwhile, and gave up on the newer one.
TEST_CASE("weather: when the crashes are over, every broker comes back into the ISR") {
    const SettingTables tables;
    std::ostringstream text;
    text << std::ifstream(std::filesystem::path(HIGHWATER_SOURCE_DIR) / "scenarios/weather/crashes.json")
                .rdbuf();
    const ReadResult result = read_scenario(text.str(), "crashes.json", {}, tables);
    REQUIRE(result.scenario);
    for (std::uint64_t seed = 440; seed <= 460; ++seed) {
        World world = make_world(result.scenario->configuration, seed);
        while (step(world)) {
        }
        CHECK_MESSAGE(decided_state(world, PartitionIndex{0}).isr.size() == 3, "seed " << seed);
    }
}

TEST_CASE("weather: what is wrong is told with its place") {
    CHECK(has(problems(R"({"crsh":{"mean_every":"20s","for":"5s"}})"),
              "/weather/crsh: unknown key; did you mean \"crash\"?"));
    CHECK(has(problems(R"({"crash":{"for":"5s"}})"), "/weather/crash/mean_every: expected the mean time"));
    CHECK(has(problems(R"({"crash":{"mean_every":"20s"}})"), "/weather/crash/for: expected how long"));
    CHECK(has(problems(R"({"crash":{"mean_every":"1ms","for":"5s"}})"),
              "/weather/crash/mean_every: expected more than a thousandth of the window: 600000us"));
    CHECK(has(problems(R"({"from":"9s","until":"9s","crash":{"mean_every":"20s","for":"5s"}})"),
              "/weather: expected \"from\" before \"until\""));
    CHECK(has(problems(R"({"crash":{"mean_every":"20s","for":"5s","target":"broker 9"}})"),
              "/weather/crash/target: no such broker"));
    CHECK(has(problems(R"({"crash":{"mean_every":"20s","for":"5s","target":"t-0"}})"),
              "/weather/crash/target: expected a process or host"));
    CHECK(has(problems(R"({"crash":{"mean_every":"20s","for":"5s","at_most":0}})"),
              "/weather/crash/at_most: expected a whole number from 1"));
    CHECK(has(problems(R"({"slow":{"mean_every":"20s","for":"5s"}})"),
              "/weather/slow: expected \"latency\" or \"bandwidth\""));
    CHECK(problems(R"({"cut":{"mean_every":"20s","for":"5s","between":["broker 1","controller"]}})").empty());
}

namespace {

const std::string losses = R"("power_loss":{"mean_every":"4s","for":{"from":"2s","to":"9s"}},)"
                           R"("wipe_disk":{"mean_every":"9s","for":"3s"})";

/// The most brokers that lossy faults hold at one instant, `rest` included.
std::size_t most_at_once(const std::vector<Fault>& faults, sim::Duration rest) {
    std::size_t most = 0;
    for (const Fault& now : faults) {
        std::vector<std::string> held;
        for (const Fault& one : faults)
            if (*one.at_from <= *now.at_from && *one.at_from + *one.lasts_from + rest > *now.at_from)
                for (const Target& target : one.targets)
                    if (std::find(held.begin(), held.end(), target.text) == held.end())
                        held.push_back(target.text);
        most = std::max(most, held.size());
    }
    return most;
}

} // namespace

TEST_CASE("weather: a tolerance holds over all families, or is broken once on purpose") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const sim::Duration rest = sim::seconds(5);
        CHECK(most_at_once(drawn("{" + losses + "}", seed), rest) == 3);
        CHECK(most_at_once(drawn(R"({"tolerance":{"lossy":1,"rest":"5s"},)" + losses + "}", seed), rest) ==
              1);
        CHECK(most_at_once(drawn(R"({"tolerance":{"lossy":2,"rest":"5s"},)" + losses + "}", seed), rest) ==
              2);
        const auto broken =
            drawn(R"({"tolerance":{"lossy":1,"rest":"5s","break":true},)" + losses + "}", seed);
        const auto beyond = std::find_if(broken.begin(), broken.end(), [](const Fault& fault) {
            return fault.name == "weather beyond the bound";
        });
        REQUIRE(beyond != broken.end());
        REQUIRE(beyond->targets.size() == 2);
        CHECK(beyond->targets[0].broker != beyond->targets[1].broker);
        CHECK(std::is_sorted(broken.begin(), broken.end(),
                             [](const Fault& a, const Fault& b) { return *a.at_from < *b.at_from; }));
    }
}

TEST_CASE("weather: no more brokers are away than the tolerance has, whatever the family") {
    const std::string many =
        R"("crash":{"mean_every":"4s","for":"6s"},"cut":{"mean_every":"4s","for":"6s"},)"
        R"("gc":{"mean_every":"4s","for":"6s"},"slow":{"mean_every":"9s","for":"9s","latency":"9ms"}})";
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::vector<Fault> faults = drawn(R"({"tolerance":{"down":1},)" + many, seed);
        const auto slow = of_kind(faults, FaultKind::slow).size();
        CHECK(slow == of_kind(drawn("{" + many, seed), FaultKind::slow).size()); // they do not take it down
        std::erase_if(faults, [](const Fault& fault) { return fault.kind == FaultKind::slow; });
        CHECK(most_at_once(faults, sim::Duration{0}) == 1);
    }
}

TEST_CASE("weather: a swarm draws its families and how strong they are") {
    int with_crashes = 0;
    int with_pauses = 0;
    std::size_t fewest = 1000;
    std::size_t most = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const std::vector<Fault> faults = drawn(R"({"swarm":true,)" + crashes + "," + pauses + "}", seed);
        const std::size_t number = of_kind(faults, FaultKind::crash).size();
        with_crashes += number > 0 ? 1 : 0;
        with_pauses += of_kind(faults, FaultKind::pause).empty() ? 0 : 1;
        if (number > 0) fewest = std::min(fewest, number);
        most = std::max(most, number);
        CHECK(same(faults, drawn(R"({"swarm":true,)" + crashes + "," + pauses + "}", seed)));
    }
    CHECK(with_crashes > 15);
    CHECK(with_crashes < 45);
    CHECK(with_pauses > 15);
    CHECK(with_pauses < 45);
    CHECK(most > 4 * fewest);
}

TEST_CASE("weather: mean times to failure and to repair are each broker's own") {
    const std::string own = R"({"crash":{"mean_time_to_failure":"40s","mean_time_to_repair":"10s"}})";
    std::int64_t count = 0;
    std::int64_t length = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const std::vector<Fault> faults = drawn(own, seed);
        for (const Fault& a : faults) {
            ++count;
            length += a.lasts_from->micros;
            for (const Fault& b : faults)
                if (*a.at_from < *b.at_from && a.targets[0].broker == b.targets[0].broker)
                    CHECK(*b.at_from >= *a.at_from + *a.lasts_from);
        }
    }
    // Three brokers, 600 s, 40 s up and 10 s down by turns: 36 in the mean.
    CHECK(count / 60 >= 33);
    CHECK(count / 60 <= 39);
    CHECK(std::abs(length / count - 10000000) < 1000000);
    const auto bounded =
        drawn(R"({"crash":{"mean_time_to_failure":"40s","mean_time_to_repair":"10s","at_most":1}})", 3);
    CHECK(most_at_once(bounded, sim::Duration{0}) == 1);
}

TEST_CASE("weather: what is wrong with swarms, tolerances and mean times is told with its place") {
    CHECK(has(problems(R"({"tolerance":{}})"), R"(/weather/tolerance: expected "lossy" or "down")"));
    CHECK(has(problems(R"({"tolerance":{"lossy":3,"break":true}})"),
              R"(/weather/tolerance/break: needs more brokers than "lossy")"));
    CHECK(has(problems(R"({"tolerance":{"down":1,"break":true}})"),
              R"(/weather/tolerance/break: needs "lossy")"));
    CHECK(has(problems(R"({"tolerance":{"losy":1}})"),
              R"(/weather/tolerance/losy: unknown key; did you mean "lossy"?)"));
    CHECK(has(problems(R"({"swarm":1})"), "/weather/swarm: expected true or false"));
    CHECK(has(problems(R"({"crash":{"mean_time_to_failure":"40s"}})"),
              "/weather/crash/mean_time_to_repair: expected a mean"));
    CHECK(has(problems(R"({"crash":{"mean_time_to_failure":"40s","mean_time_to_repair":"1s","for":"2s"}})"),
              "/weather/crash/for: stands for itself"));
    CHECK(has(problems(R"({"crash":{"mean_time_to_failure":"1ms","mean_time_to_repair":"1s"}})"),
              "/weather/crash/mean_time_to_failure: expected more than"));
    CHECK(has(problems(R"({"starve":{"mean_every":"40s","for":"1s"}})"),
              "/weather/starve/factor: expected how many times"));
    CHECK(has(problems(R"({"clock":{"mean_every":"40s","for":"1s","step":"9s","target":"controller"}})"),
              "/weather/clock/target: expected brokers"));
}

TEST_CASE("weather: disks are drawn with what is wrong with them, and a broker without its disk is away") {
    const std::string disks = R"("disk":{"mean_every":"10s","for":"5s","how":"hung"})";
    const std::vector<Fault> faults = of_kind(drawn("{" + disks + "}", 3), FaultKind::disk);
    REQUIRE(faults.size() > 10);
    for (const Fault& fault : faults)
        CHECK(fault.disk.trouble == DiskTrouble::hung);
    const std::vector<Fault> bounded =
        of_kind(drawn(R"({"tolerance":{"down":1,"rest":"1s"},)" + disks + "}", 3), FaultKind::disk);
    for (std::size_t i = 1; i < bounded.size(); ++i)
        if (bounded[i].targets[0].broker != bounded[i - 1].targets[0].broker)
            CHECK(*bounded[i].at_from >= *bounded[i - 1].at_from + sim::seconds(6));
    CHECK(bounded.size() < faults.size());
    CHECK(!read_with(R"({"disk":{"mean_every":"10s","for":"5s"}})").problems.empty());
}
