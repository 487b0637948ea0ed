// A gap that KRaft itself leaves, and that is told apart from a bug: see Invariants::check_isr.

#include "models/check/guarantees.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace kafka;

namespace {

/// 1. Both followers stand still for longer than replica.lag.time.max.ms; the high watermark stands still,
/// too, since the ISR is too small. 2. They are back; the near one is taken in. 3. The distant one is
/// proposed at the old high watermark, far behind the end. 4. Metadata about the near one is applied,
/// late. 5. The near one's next fetch moves the high watermark before the leader hears of the distant one.
const char* const two_come_back = R"({
    "network": {"metadata_apply": {"p50": "100ms", "p99": "101ms", "max": "102ms"}},
    "links": [{"between": ["broker 1", "broker 2"], "listener": "replication",
               "latency": {"p50": "60ms", "p99": "61ms", "max": "62ms"}},
              {"between": ["broker 1", "broker 3"], "listener": "replication",
               "latency": {"p50": "130ms", "p99": "131ms", "max": "132ms"}}],
    "topics": [{"name": "t", "assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2}}],
    "producers": [{"name": "p", "start": "1s", "records": {"count": 6000, "rate": 100},
                   "config": {"acks": "1", "enable.idempotence": false}}],
    "faults": [{"at": "5s", "do": "pause", "target": "broker 2", "for": "45s"},
               {"at": "5500ms", "do": "pause", "target": "broker 3", "for": "44500ms"}],
    "until": "70s"})";

struct Watched : Observer {
    explicit Watched(const Scenario& scenario)
        : ledger(*scenario.configuration), readings(*scenario.configuration),
          invariants(*scenario.configuration) {}
    void on(sim::SimTime time, std::uint64_t event, const Fact& fact, const World& world) override {
        for (Observer* const one : std::initializer_list<Observer*>{&ledger, &readings, &invariants})
            one->on(time, event, fact, world);
        const auto* ignored = std::get_if<fact::Ignored>(&fact);
        if (ignored != nullptr &&
            std::string(ignored->reason).find("has moved on since") != std::string::npos)
            late_answers += 1;
    }
    void after_step(const World& world) override { invariants.after_step(world); }
    std::int64_t count(const std::string& name) const {
        const auto all = invariants.counts();
        return std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == name; })
            ->second;
    }
    Ledger ledger;
    Readings readings;
    Invariants invariants;
    int late_answers = 0;
};

} // namespace

TEST_CASE(
    "checkers: a proposal that metadata of the same partition epoch replaced is a gap of Kafka itself") {
    ReadResult read = read_scenario(two_come_back, "x", {}, SettingTables());
    REQUIRE_MESSAGE(read.problems.empty(), format(read.problems.front()));
    const Scenario& scenario = *read.scenario;
    World world = make_world(scenario.configuration, 7); // the seed decides which comes first
    Watched watched(scenario);
    Observer* const watching[] = {&watched};
    run(world, watching);
    CHECK(watched.count("proposed_members_are_waited_for") == 1);
    CHECK(watched.count("high_watermark_is_on_every_isr_member") == 0);
    CHECK(watched.late_answers == 1); // its answer finds no proposal any more
    watched.ledger.at_end(world);
    watched.readings.at_end(world);
    for (const Guarantee& one :
         judge(watched.ledger, watched.readings, watched.invariants, *scenario.configuration))
        if (one.name == std::string("replication_protocol")) {
            CHECK(one.state == GuaranteeState::allowed);
            CHECK(one.because.find("KAFKA-13790") != std::string::npos);
        }
}
