#include "models/scenario/preset.hpp"

#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace kafka;

namespace {

std::string text_of(const std::vector<InputProblem>& problems) {
    std::string all;
    for (const InputProblem& problem : problems)
        all += format(problem) + "\n";
    return all;
}

PresetResult preset_of(const std::string& body) {
    const SettingTables tables;
    return read_preset("{\"format\":\"highwater.preset/1\",\"name\":\"p\"," + body + "}", "p.json", tables);
}

/// What is wrong with a preset's text.
std::string preset_problems(const std::string& body) { return text_of(preset_of(body).problems); }

const char* const shop = R"({"release":"4.3","config":{"replica.lag.time.max.ms":20000},
  "topics":[{"name":"t","config":{"min.insync.replicas":2}}],
  "producers":[{"name":"shop","topic":"t","config":{"acks":"all","enable.idempotence":true}}]})";

ReadResult under(const std::string& body, const std::string& scenario = shop,
                 const std::vector<Override>& overrides = {}) {
    const SettingTables tables;
    const PresetResult preset = preset_of(body);
    REQUIRE_MESSAGE(preset.preset, text_of(preset.problems));
    return read_scenario(scenario, "x.json", overrides, tables, &*preset.preset);
}

} // namespace

TEST_CASE("preset: its settings stand above the scenario's own and below -X") {
    const std::string body =
        R"("producer":{"acks":"1","enable.idempotence":false},"topic":{"min.insync.replicas":1},
           "broker":{"replica.lag.time.max.ms":5000},"release":"3.9")";
    const ReadResult plain = under(body);
    REQUIRE_MESSAGE(plain.problems.empty(), text_of(plain.problems));
    const Configuration& c = *plain.scenario->configuration;
    CHECK(plain.scenario->preset == "p");
    CHECK(c.producers[0].settings.acks == Acks::leader);
    CHECK(c.topics[0].settings.min_insync_replicas == 1);
    CHECK(c.brokers[0].settings.replica_lag_time_max == sim::milliseconds(5000));
    CHECK(c.release == Release::v3_9);
    const ReadResult stronger = under(body, shop, {{"acks", "0"}, {"release", "4.0"}});
    REQUIRE_MESSAGE(stronger.problems.empty(), text_of(stronger.problems));
    CHECK(stronger.scenario->configuration->producers[0].settings.acks == Acks::none);
    CHECK(stronger.scenario->configuration->release == Release::v4_0);
}

TEST_CASE("preset: its values appear as a source of their own") {
    const ReadResult result = under(R"("topic":{"min.insync.replicas":1})");
    bool seen = false;
    for (const EffectiveGroup& group : result.scenario->effective)
        for (const EffectiveSetting& setting : group.settings)
            if (group.title == "topic t" && setting.name == "min.insync.replicas") {
                seen = true;
                CHECK(has(describe(setting), "{PRESET:min.insync.replicas=1, "
                                             "DYNAMIC_TOPIC_CONFIG:min.insync.replicas=2, "));
            }
    CHECK(seen);
}

TEST_CASE("preset: one that replaces all leaves the defaults of its release") {
    const ReadResult result = under(R"("release":"0.10.2","replaces":"all")");
    REQUIRE_MESSAGE(result.problems.empty(), text_of(result.problems));
    const Configuration& c = *result.scenario->configuration;
    CHECK(c.producers[0].settings.acks == Acks::leader);
    CHECK(c.producers[0].settings.retries == 0);
    CHECK(!c.producers[0].settings.enable_idempotence);
    CHECK(c.topics[0].settings.min_insync_replicas == 1);
    CHECK(c.brokers[0].settings.replica_lag_time_max == sim::milliseconds(10000));
}

TEST_CASE("preset: a conflict with the scenario is told at the preset, with what would mend it") {
    const std::string all = text_of(under(R"("producer":{"acks":"1"})").problems);
    CHECK(has(all, "p.json:1: /producer/acks: the idempotent producer needs acks=all"));
    CHECK(has(all, "a preset that names acks must name enable.idempotence too"));
    CHECK(has(text_of(under(R"("topic":{"replication.factor":5})").problems),
              "p.json:1: /topic/replication.factor: expected at most the number of brokers (3), got 5"));
    CHECK(has(text_of(under(R"("topic":{"replication.factor":1})",
                            R"({"topics":[{"name":"t","assignment":[[1,2]]}]})")
                          .problems),
              "expected 2, as many as the assignment of topic t has replicas, got 1"));
}

TEST_CASE("preset: what is wrong with a file is told with its place") {
    const SettingTables tables;
    CHECK(has(text_of(read_preset("{\"name\":\"p\"}", "p.json", tables).problems),
              "/format: expected \"highwater.preset/1\""));
    CHECK(has(preset_problems(R"("producers":{"acks":"1"})"),
              "/producers: unknown key; did you mean \"producer\"?"));
    CHECK(has(preset_problems(R"("producer":{"ackz":"1"})"),
              "/producer/ackz: unknown producer setting; did you mean \"acks\"?"));
    CHECK(has(preset_problems(R"("producer":{"acks":"7"})"), "/producer/acks: expected one of"));
    CHECK(has(preset_problems(R"("producer":{"linger.ms":"soon"})"),
              "/producer/linger.ms: expected a whole number"));
    CHECK(has(preset_problems(R"("topic":{"replication.factr":3})"), "did you mean \"replication.factor\"?"));
    CHECK(has(preset_problems(R"("topic":{"replication.factor":9})"), "expected 1 to 8, got \"9\""));
    CHECK(has(preset_problems(R"("release":"9.9")"), "/release: expected a Kafka release"));
    CHECK(has(preset_problems(R"("release":"0.10.2","producer":{"enable.idempotence":true})"),
              "/producer/enable.idempotence: release 0.10.2 has no such producer setting"));
    CHECK(has(preset_problems(R"("replaces":"some")"), "/replaces: expected one of \"named\" \"all\""));
}

TEST_CASE("preset: every shipped one is named as its file and fits every release it may meet") {
    const SettingTables tables;
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(HIGHWATER_SOURCE_DIR) /
                                                                 "scenarios/presets")) {
        if (entry.path().extension() != ".json") continue;
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        const PresetResult result = read_preset(text.str(), entry.path().filename().string(), tables);
        REQUIRE_MESSAGE(result.preset, text_of(result.problems));
        CHECK(result.preset->name + ".json" == entry.path().filename().string());
        CHECK(!result.preset->story.empty());
        CHECK(!result.preset->source.empty());
        const ReadResult read = read_scenario(shop, "x.json", {}, tables, &*result.preset);
        CHECK_MESSAGE(read.problems.empty(), text_of(read.problems));
        ++found;
    }
    CHECK(found >= 7);
}
