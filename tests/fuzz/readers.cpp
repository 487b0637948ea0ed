// Readers under fixed seeds: nearly right documents, broken bytes, limits; and the schemas that people
// validate against.

#include "models/scenario/scenario.hpp"
#include "tests/fuzz/documents.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/schema.hpp"
#include "tests/text.hpp"
#include "tools/highwater/trace/read.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <array>
#include <doctest/doctest.h>
#include <span>
#include <variant>

namespace embedded {
extern const char* const schema_verdict_schema_json;
} // namespace embedded

using namespace kafka;
using properties::Chooser;

namespace {

std::string problems_of(const std::string& text) {
    const SettingTables tables;
    std::string all;
    for (const InputProblem& problem : read_scenario(text, "x.json", {}, tables).problems)
        all += format(problem) + "\n";
    return all;
}

std::vector<highwater::TraceEntry> few_of_each_kind(std::span<const highwater::TraceEntry> entries) {
    std::array<int, std::variant_size_v<Fact>> seen{};
    std::vector<highwater::TraceEntry> some;
    for (const highwater::TraceEntry& entry : entries)
        if (++seen[entry.fact.index()] <= 100) some.push_back(entry);
    return some;
}

} // namespace

TEST_CASE("fuzz: nearly right scenarios are accepted, or rejected with place and reason") {
    const auto all = fuzz::shipped_scenarios();
    const SettingTables tables;
    const Schema schema{std::string(scenario_schema())};
    int accepted = 0;
    for (std::uint64_t seed = 1; seed <= 700; ++seed) {
        Chooser choose(seed);
        const std::string text = fuzz::changed(choose.one_of(all).second, choose).dump();
        const std::string complaint = fuzz::scenario(text);
        CHECK_MESSAGE(complaint.empty(), complaint << "\n" << text);
        if (!read_scenario(text, "x.json", {}, tables).scenario) continue;
        ++accepted;
        const std::string invalid = schema.complaint(text);
        CHECK_MESSAGE(invalid.empty(), "accepted, and not valid by the schema: " << invalid << "\n" << text);
    }
    CHECK(accepted > 50);
}

TEST_CASE("fuzz: broken bytes") {
    const auto all = fuzz::shipped_scenarios();
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        Chooser choose(seed);
        std::string text = choose.one_of(all).second.dump();
        for (std::int64_t i = choose.between(1, 6); i > 0 && !text.empty(); --i) {
            const std::size_t at = choose.below(text.size());
            if (choose.happens(1, 3))
                text.erase(at, choose.below(20));
            else if (choose.happens(1, 2))
                text.insert(at, text.substr(choose.below(text.size()), choose.below(30)));
            else
                text[at] = static_cast<char>(choose.below(256));
        }
        const std::string complaint = fuzz::scenario(text);
        CHECK_MESSAGE(complaint.empty(), complaint << "\n" << text);
        const std::string other = fuzz::properties(text) + fuzz::trace(text);
        CHECK_MESSAGE(other.empty(), other);
    }
}

TEST_CASE("trace: what was written is read, and written again as it was") {
    // Of each run some facts of every kind: thousands of the same kind would say no more.
    const SettingTables tables;
    std::size_t lines = 0;
    for (const auto& shipped : fuzz::shipped_scenarios()) {
        const auto& path = shipped.first;
        const auto& document = shipped.second;
        const ReadResult read = read_scenario(document.dump(), path, {}, tables);
        REQUIRE_MESSAGE(read.scenario, path);
        highwater::Trace trace;
        highwater::Watch watch;
        watch.trace = &trace;
        const highwater::Outcome outcome = highwater::run_once(*read.scenario, 1, "", watch);
        const std::vector<highwater::TraceEntry> some = few_of_each_kind(trace.entries());
        const std::string text = highwater::render(some, *outcome.configuration);
        const highwater::ReadTrace again = highwater::read_trace(text);
        const std::string first = again.problems.empty() ? "" : again.problems.front().message;
        CHECK_MESSAGE(again.problems.empty(), path << ": " << first);
        CHECK_MESSAGE(again.entries.size() == some.size(), path);
        const bool same = highwater::render(again.entries, again.names) == text; // too long to be shown
        CHECK_MESSAGE(same, path);
        lines += again.entries.size();
    }
    CHECK(lines > 10000);
}

TEST_CASE("trace: broken lines are rejected with place and reason") {
    const highwater::ReadTrace read = highwater::read_trace(
        "{\"time_us\":1,\"event\":2,\"fact\":\"MetadataApplied\",\"broker\":1,\"offset\":\"x\"}\nnot JSON\n"
        "{\"time_us\":1,\"event\":2,\"fact\":\"Nothing\"}\n");
    REQUIRE(read.problems.size() == 3);
    CHECK(read.problems[0].line == 2);
    CHECK(read.problems[1].pointer == "/offset");
    CHECK(read.problems[2].message == "expected a fact of this version, got \"Nothing\"");
}

TEST_CASE("schema: every shipped scenario and every verdict of one is valid") {
    const Schema scenarios{std::string(scenario_schema())};
    const Schema verdicts{std::string(embedded::schema_verdict_schema_json)};
    const SettingTables tables;
    for (const auto& shipped : fuzz::shipped_scenarios()) {
        const auto& path = shipped.first;
        const auto& document = shipped.second;
        const std::string invalid = scenarios.complaint(document.dump());
        CHECK_MESSAGE(invalid.empty(), path << ": " << invalid);
        const ReadResult read = read_scenario(document.dump(), path, {}, tables);
        REQUIRE_MESSAGE(read.scenario, path);
        const highwater::Outcome outcome = highwater::run_once(*read.scenario, 1, "", {});
        std::vector<std::string> problems;
        const std::string wrong = verdicts.complaint(highwater::verdict_of(outcome, problems).dump());
        CHECK_MESSAGE(wrong.empty(), path << ": " << wrong);
    }
}

TEST_CASE("schema: what the reader rejects for its shape is not valid either") {
    const Schema schema{std::string(scenario_schema())};
    for (const char* const text :
         {R"([])", R"({})", R"({"topics":[]})", R"({"topics":[{"name":"x","partitons":1}]})",
          R"({"topics":[{"name":5}]})", R"({"topics":[{"name":"x","partitions":0}]})",
          R"({"topics":[{"name":"x"}],"until":"soon"})", R"({"topics":[{"name":"x"}],"brokers":61})",
          R"({"topics":[{"name":"x"}],"faults":[{"at":"5s","do":"crsh","target":"broker 1"}]})",
          R"({"topics":[{"name":"x"}],"faults":[{"at":"5s","target":"broker 1"}]})",
          R"({"topics":[{"name":"x"}],"network":{"bandwidth":"fast"}})",
          R"({"topics":[{"name":"x"}],"expect":[{"is":1}]})", R"({"topics":[{"name":"x"}],"brokrs":3})"}) {
        CHECK_MESSAGE(!problems_of(text).empty(), text);
        CHECK_MESSAGE(!schema.complaint(text).empty(), text);
    }
}

TEST_CASE("limits: what would not end, or not fit, is refused with its place") {
    CHECK(
        has(problems_of(R"({"topics":[{"name":"x"}],"until":"20000h"})"), "/until: expected at most 10000h"));
    CHECK(has(problems_of(
                  R"({"topics":[{"name":"x"}],
            "producers":[{"records":{"count":1000000000000,"rate":1000000000}}]})"),
              "/producers: about"));
    CHECK(has(problems_of(R"({"brokers":60,"topics":[{"name":"x"}],"until":"9000h"})"), "/until: about"));
    CHECK(has(problems_of(
                  R"({"topics":[{"name":"x","partitions":1000}],
            "producers":[{"records":{"count":10,"rate":1,"key":{"count":100000}}}]})"),
              "/producers/0/records/key: "));
    CHECK(has(problems_of("{\"topics\":[{\"name\":\"" + std::string(300, 'x') + "\"}]}"),
              "/topics/0/name: expected at most 249 characters"));
    std::string faults;
    for (int i = 0; i < 2001; ++i)
        faults += std::string(i == 0 ? "" : ",") + R"({"at":"1s","do":"crash","target":"broker 1"})";
    CHECK(has(problems_of(R"({"topics":[{"name":"x"}],"faults":[)" + faults + "]}"),
              "/faults: expected at most 2000"));
}
