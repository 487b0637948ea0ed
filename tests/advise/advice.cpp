// From requirements to settings, on clusters small enough to know the answer.

#include "tools/highwater/advise/advice.hpp"
#include "tests/schema.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace highwater;

namespace {

std::string schema_text() {
    std::ifstream file(std::string(HIGHWATER_SOURCE_DIR) + "/tools/highwater/advise/advice.schema.json");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Three zones, 30 ms apart, as in the tour; the fault is given.
std::string three_zones(const std::string& faults) {
    return R"({"name": "zones", "brokers": [{"id": 1, "rack": "a"}, {"id": 2, "rack": "b"},
                     {"id": 3, "rack": "c"}],
        "links": [{"between": ["rack a", "rack b"], "latency": {"p50": "30ms", "p99": "45ms", "max": "60ms"},
                   "listener": "replication"},
                  {"between": ["rack a", "rack c"], "latency": {"p50": "30ms", "p99": "45ms", "max": "60ms"},
                   "listener": "replication"}],
        "topics": [{"name": "orders", "assignment": [[1, 2, 3]]}],
        "producers": [{"name": "shop", "topic": "orders", "start": "1s", "rack": "a",
                       "records": {"count": 4000, "rate": 1000, "size": 100},
                       "config": {"acks": "1", "enable.idempotence": false}}],
        "faults": [)" +
           faults + R"(], "until": "50s"})";
}
const char* const leader_dies =
    R"({"at": "3s", "do": "crash", "target": "leader of orders-0", "for": "20s"})";

struct Asked {
    Hardship hardship;
    std::vector<Candidate> candidates;
    Wish wish;
    Advice advice;
    kafka::Json json() const { return json_of(answer()); }
    std::string text() const { return text_of(answer(), false); }
    Answer answer() const {
        Answer answer;
        answer.scenario = "zones";
        answer.hardship = &hardship;
        answer.candidates = &candidates;
        answer.wish = &wish;
        answer.advice = &advice;
        answer.command = "highwater run x";
        return answer;
    }
};

Asked ask(const std::string& text, const std::vector<std::string>& required, const std::string& under = "",
          std::size_t threads = 1) {
    Asked asked;
    std::string problem;
    asked.wish.requirements = read_requirements(required, problem);
    REQUIRE(problem == "");
    asked.wish.search = 4;
    asked.wish.verify = 8;
    asked.wish.threads = threads;
    const kafka::SettingTables tables;
    const kafka::ReadResult read = read_scenario(text, "x.json", {}, tables);
    for (const kafka::InputProblem& one : read.problems)
        MESSAGE(format(one));
    REQUIRE(read.scenario);
    asked.hardship = hardship_of(under, *read.scenario->configuration, problem);
    REQUIRE(problem == "");
    asked.candidates = candidates_for(text, "x.json", {}, {}, asked.hardship, {}, tables);
    asked.advice = advise(asked.candidates, asked.wish);
    return asked;
}

} // namespace

TEST_CASE("advise: what the scenario has is advised where it is enough, and costs nothing more") {
    const Asked asked = ask(three_zones(""), {"no-loss"});
    REQUIRE(asked.advice.found);
    CHECK(asked.candidates[asked.advice.candidate].name == "as it is");
    CHECK(asked.advice.tried.empty());
}

TEST_CASE("advise: a leader that dies makes acks=all the cheapest, acks=1 is dismissed with its seed") {
    const Asked asked = ask(three_zones(leader_dies), {"no-loss"});
    REQUIRE(asked.advice.found);
    const Candidate& answer = asked.candidates[asked.advice.candidate];
    CHECK(answer.scenarios.front().configuration->producers[0].settings.acks == kafka::Acks::all);
    CHECK(answer.scenarios.front().configuration->topics[0].settings.min_insync_replicas == 1);
    CHECK(has(asked.text(), "Advice: acks=all enable.idempotence=false min.insync.replicas=1"));
    CHECK(has(asked.text(), "verified under seeds 5 to 12, none of which the search had seen"));
    CHECK(has(asked.text(), "as it is: no-loss broken under seed "));
    CHECK(has(asked.text(), "0 of 8, at most 36.95 %"));
    REQUIRE(!asked.advice.tried.empty());
    CHECK(asked.candidates[asked.advice.tried[0].candidate]
              .scenarios.front()
              .configuration->producers[0]
              .settings.acks == kafka::Acks::leader);
    const Comparison& prices = asked.advice.comparison;
    REQUIRE(prices.presets.size() == 2);
    CHECK(prices.presets[0].runs_with_loss > 0);
    CHECK(prices.presets[1].total.latencies.quantile(500) >
          prices.presets[0].total.latencies.quantile(500) + 30000);
    CHECK(Schema(schema_text()).complaint(asked.json().dump()) == "");
}

TEST_CASE("advise: what cannot be has a requirement in the way, and it is named") {
    const Asked asked = ask(three_zones(leader_dies), {"no-loss", "p99=5ms"});
    CHECK(!asked.advice.found);
    CHECK(has(asked.text(), "No configuration meets this"));
    CHECK(has(asked.text(), "p99=5ms is in the way"));
    CHECK(asked.json()["found"] == false);
    CHECK(Schema(schema_text()).complaint(asked.json().dump()) == "");
}

TEST_CASE("advise: one zone at a time takes turns by seed, and asks for more than one copy") {
    const Asked asked = ask(three_zones(""), {"no-loss"}, "one-zone");
    CHECK(asked.hardship.targets == std::vector<std::string>{"rack a", "rack b", "rack c"});
    REQUIRE(asked.candidates.front().scenarios.size() == 3);
    bool there = false;
    for (const kafka::Fault& fault : asked.candidates.front().scenarios[1].configuration->faults) {
        if (fault.kind != kafka::FaultKind::power_loss) continue;
        there = true;
        CHECK(fault.targets[0].text == "rack b");
        CHECK(*fault.at_from < fault.at_to);
    }
    CHECK(there);
    REQUIRE(asked.advice.found);
    CHECK(asked.candidates[asked.advice.candidate].name != "as it is");
    CHECK(has(asked.text(), "power loss of rack a, rack b, rack c"));
    std::string problem;
    const kafka::SettingTables tables;
    const kafka::ReadResult plain = read_scenario(R"({"topics": [{"name": "a"}]})", "x.json", {}, tables);
    hardship_of("one-zone", *plain.scenario->configuration, problem);
    CHECK(has(problem, "fewer than two racks"));
}

TEST_CASE("advise: the same answer for any number of threads") {
    const std::string text = three_zones(leader_dies);
    CHECK(ask(text, {"no-loss"}).json() == ask(text, {"no-loss"}, "", 2).json());
}

TEST_CASE("advise: requirements are read, and what is wrong with them is told") {
    std::string problem;
    const auto two = read_requirements({"no-loss", "p99=50ms"}, problem);
    REQUIRE(two.size() == 2);
    CHECK(two[1].limit == sim::milliseconds(50));
    const auto complaint = [&](const std::vector<std::string>& words) {
        CHECK(read_requirements(words, problem).empty());
        return problem;
    };
    CHECK(has(complaint({"no-los"}), "expected one of no-loss, no-duplicates"));
    CHECK(has(complaint({"p99"}), "expected p99=TIME"));
    CHECK(has(complaint({"p99=soon"}), "expected p99=TIME"));
    CHECK(has(complaint({"no-loss=1"}), "takes no value"));
    CHECK(has(complaint({"no-loss", "no-loss"}), "is asked twice"));
}

TEST_CASE("advise: a run that ends without a leader does not count as one without loss") {
    std::string problem;
    const auto no_loss = read_requirements({"no-loss", "no-duplicates"}, problem);
    RunFigures run;
    CHECK(meets(no_loss[0], run, false));
    run.unavailable = 3;
    CHECK(!meets(no_loss[0], run, false));
    run.processed_again = 2;
    CHECK(!meets(no_loss[1], run, false));
    CHECK(meets(no_loss[1], run, true));
}
