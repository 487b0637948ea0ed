// Why a record was lost, duplicated or skipped: on small scenarios whose answer is known.

#include "tools/highwater/explain/explanation.hpp"
#include "tests/schema.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace highwater;

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(std::string(HIGHWATER_SOURCE_DIR) + "/" + path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

struct Asked {
    Explanation explanation;
    std::string problem;
};

Asked ask(const std::string& text, const std::string& record = "", std::size_t threads = 1,
          std::uint64_t seed = 1) {
    const kafka::SettingTables tables;
    kafka::ReadResult read = read_scenario(text, "x.json", {}, tables);
    for (const kafka::InputProblem& problem : read.problems)
        MESSAGE(format(problem));
    REQUIRE(read.scenario);
    Inquiry inquiry;
    inquiry.text = text;
    inquiry.file = "x.json";
    inquiry.record = record;
    inquiry.threads = threads;
    inquiry.seed = seed;
    Asked asked;
    asked.explanation = explain(inquiry, *read.scenario, tables, asked.problem);
    return asked;
}

const Counterfactual* under(const Explanation& all, const std::string& change) {
    for (const Counterfactual& one : all.counterfactuals.singles)
        if (one.changes.front().text() == change) return &one;
    return nullptr;
}

bool has_step(const Explanation& all, const std::string& kind, const std::string& words) {
    for (const Step& step : all.steps)
        if (step.kind == kind && has(step.what, words)) return true;
    return false;
}

std::string group_scenario(const std::string& application) {
    return R"({"topics": [{"name": "orders", "replication.factor": 3}],
        "producers": [{"name": "shop", "topic": "orders", "start": "1s",
                       "records": {"count": 2000, "rate": 500}}],
        "consumers": [{"name": "billing", "topics": ["orders"], "group": "billing",
            "config": {"auto.offset.reset": "earliest", "enable.auto.commit": false,
                       "session.timeout.ms": 6000},
            "application": {"process_time": "1ms", )" +
           application + R"(}}],
        "faults": [{"when": {"committed": {"group": "billing", "partition": "orders-0", "at_least": 1}},
                    "by": "100ms", "do": "crash", "target": "consumer billing", "for": "2s"}],
        "until": "60s"})";
}

} // namespace

TEST_CASE(
    "explain: the tour's failover: the leader's crash is the point of no return, acks=all saves the record") {
    const Explanation all = ask(read_file("scenarios/tour/failover_acks_1.json")).explanation;
    REQUIRE(all.found);
    CHECK(all.mishap == Mishap::lost);
    CHECK(all.name == "shop:6960");
    CHECK(all.companions == 36);
    CHECK(all.blame.layer == "producer");
    CHECK(has_step(all, "appended", "broker 1 appends it as leader"));
    CHECK(has_step(all, "answered", "on its own word alone"));
    CHECK(has_step(all, "acknowledged", "told that it was written"));
    CHECK(has_step(all, "fault", "crash of broker 1"));
    CHECK(has_step(all, "removed", "broker 1"));
    CHECK(has_step(all, "replicated", "broker 3")); // after it had been acknowledged
    REQUIRE(all.point.found);
    const Step& point = all.steps[all.point.step];
    CHECK(point.time == sim::SimTime{8000000});
    CHECK(point.kind == "fault");
    CHECK(all.point.saved_before == continuations_each);
    const Counterfactual* acks_all = under(all, "acks=all");
    REQUIRE(acks_all != nullptr);
    CHECK(acks_all->rescue == Rescue::saved);
    CHECK(acks_all->figures.lost == 0);
    const auto p50 = static_cast<std::size_t>(Latency::ack_p50);
    CHECK(acks_all->figures.quantiles[p50] > all.figures.quantiles[p50] + 30000); // two links of 30 ms
    const std::string text = text_of(all, false);
    CHECK(has(text, "shop:6960 of orders-0: LOST"));
    CHECK(has(text, "acks=1: the leader's word is enough"));
    CHECK(has(text, "from here on there is no return"));
    CHECK(has(text, "acks=all"));
    CHECK(has(text, "saves it"));
    CHECK(all.counterfactuals.pairs.empty());
}

TEST_CASE("explain: a record by name and by offset, and names that do not exist") {
    const std::string text = read_file("scenarios/tour/failover_acks_1.json");
    CHECK(ask(text, "orders-0:6961").explanation.name == "shop:6961"); // the lost one, not who took its place
    const Explanation fine = ask(text, "shop:5").explanation;
    CHECK(fine.mishap == Mishap::none);
    CHECK(has(text_of(fine, false), "Nothing went wrong with this record."));
    CHECK(fine.counterfactuals.singles.empty());
    CHECK(has(ask(text, "shop:20000").problem, "was never sent"));
    CHECK(has(ask(text, "shopp:5").problem, "there are shop"));
    CHECK(has(ask(text, "orders-0:99999").problem, "no record was ever acknowledged at offset 99999"));
    CHECK(has(ask(text, "shop").problem, "expected PRODUCER:NUMBER"));
    CHECK(has(ask(text, "shop:-1").problem, "expected PRODUCER:NUMBER"));
}

TEST_CASE("explain: where nothing went wrong it says so") {
    const Explanation all = ask(read_file("scenarios/tour/failover_acks_all.json")).explanation;
    CHECK(!all.found);
    CHECK(has(text_of(all, false), "No record was lost, duplicated, skipped"));
    const Schema schema(read_file("tools/highwater/explain/explanation.schema.json"));
    CHECK(schema.complaint(json_of(all).dump()) == "");
}

TEST_CASE(
    "explain: a commit before processing is the application's fault, and a later one saves the record") {
    const Explanation all = ask(group_scenario(R"("commit": "before-processing")")).explanation;
    REQUIRE(all.found);
    CHECK(all.mishap == Mishap::skipped);
    CHECK(all.blame.layer == "application");
    CHECK(has_step(all, "offset_committed", "which is past it"));
    CHECK(has_step(all, "fault", "crash of consumer billing"));
    const Counterfactual* later = under(all, "application.commit=after-processing");
    REQUIRE(later != nullptr);
    CHECK(later->rescue == Rescue::saved);
}

TEST_CASE("explain: a record that is processed twice is told from one that is duplicated in the log") {
    const Explanation all = ask(group_scenario(R"("commit": "after-processing")")).explanation;
    REQUIRE(all.found);
    CHECK(all.mishap == Mishap::processed_twice);
    CHECK(all.blame.layer == "application");
    CHECK(has_step(all, "processed", "billing"));
    const Counterfactual* idempotent = under(all, "application.sink=idempotent");
    REQUIRE(idempotent != nullptr); // the run is the same, its effect is not
    CHECK(idempotent->rescue == Rescue::saved);
}

TEST_CASE("explain: an operator's set fault is changed with the topic's own setting") {
    const std::string text = R"({"faults": [
        {"at": "1s", "do": "set", "target": "topic orders", "config": {"min.insync.replicas": 1}},
        {"at": "2s", "do": "crash", "target": "broker 1"}]})";
    const kafka::Json changed =
        kafka::Json::parse(text_with_changes(text, {{"min.insync.replicas", "2"}, {"acks", "all"}}));
    CHECK(changed["faults"][0]["config"]["min.insync.replicas"] == "2");
    CHECK(!changed["faults"][0]["config"].contains("acks"));
    CHECK(text_with_changes(text, {{"acks", "all"}}) == text);
    const kafka::Json longer = kafka::Json::parse(text_with_changes(
        R"({"brokers": [{"id": 5}, {"id": 6}, {"id": 7}],
            "topics": [{"name": "a", "assignment": [[6], [7, 5]]}]})",
        {{"replication.factor", "3"}}));
    CHECK(longer["topics"][0]["assignment"] == kafka::Json::parse("[[6, 5, 7], [7, 5, 6]]"));
}

TEST_CASE("explain: drawn faults stand in place of the weather, and no setting moves them") {
    const std::string text = read_file("scenarios/weather/crashes.json");
    const kafka::Json drawn =
        kafka::Json::parse(R"([{"name": "weather crash 1", "at": "5s", "do": "crash"}])");
    const kafka::Json plain = kafka::Json::parse(text_with_drawn_faults(text, drawn));
    CHECK(!plain.contains("weather"));
    CHECK(plain["faults"] == drawn);
}

TEST_CASE("explain: JSON is what the schema says, and the same for any number of threads") {
    const std::string text = read_file("scenarios/tour/failover_acks_1.json");
    const std::string one = json_of(ask(text).explanation).dump();
    const Schema schema(read_file("tools/highwater/explain/explanation.schema.json"));
    CHECK(schema.complaint(one) == "");
    CHECK(one == json_of(ask(text, "", 2).explanation).dump());
}

TEST_CASE(
    "explain: without new faults those that have not happened do nothing, and what is down comes back") {
    const kafka::SettingTables tables;
    const std::string text = R"({"topics": [{"name": "orders"}], "faults": [
        {"name": "a", "at": "1s", "do": "crash", "target": "broker 1", "for": "5s"},
        {"name": "b", "at": "10s", "do": "crash", "target": "broker 2", "for": "5s"},
        {"name": "c", "after": "b", "by": "1s", "do": "power_loss", "target": "broker 3"},
        {"name": "d", "after": "b", "by": "2s", "do": "start", "target": "broker 3"}], "until": "20s"})";
    kafka::ReadResult read = read_scenario(text, "x.json", {}, tables);
    REQUIRE(read.scenario);
    kafka::World world = kafka::make_world(read.scenario->configuration, 1);
    while (world.kernel.now < sim::SimTime{2000000} && step(world)) {
    }
    CHECK(!is_running(world, kafka::BrokerSlot{0}));
    world.configuration = without_new_faults(world);
    while (step(world)) {
        CHECK(is_running(world, kafka::BrokerSlot{1}));
        CHECK(is_running(world, kafka::BrokerSlot{2}));
    }
    CHECK(is_running(world, kafka::BrokerSlot{0}));
}

TEST_CASE("explain: a cleaner that took a record is named, and one that was superseded is no loss") {
    const std::string text = read_file("scenarios/history/kafka_13194.json");
    const Explanation all = ask(text).explanation;
    REQUIRE(all.found);
    CHECK(all.mishap == Mishap::lost);
    CHECK(all.name == "profile:290");
    CHECK(all.companions == 10);
    CHECK(has_step(all, "removed", "The log cleaner of broker 1"));
    const Explanation superseded = ask(text, "profile:5").explanation;
    CHECK(superseded.mishap == Mishap::none);
    CHECK(has_step(superseded, "removed", "The log cleaner of broker 2"));
}
