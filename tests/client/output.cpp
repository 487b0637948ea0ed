// A consumer that writes what it makes of records, with a producer in its own process.

#include "tests/cluster/driven.hpp"

using namespace kafka;
using cluster_test::Driven;

namespace {

/// 1,000 records at 200 a second through one copier; `output` and `more` are members of JSON objects.
std::string copy_job(const std::string& output, const std::string& faults = "",
                     const std::string& application = "") {
    return R"({"brokers":1,"config":{"group.initial.rebalance.delay.ms":0},
        "topics":[{"name":"in","assignment":[[1],[1]]},{"name":"out","assignment":[[1],[1]]}],
        "producers":[{"name":"p","topic":"in","start":"1s","records":{"count":1000,"rate":200}}],
        "consumers":[{"name":"c","group":"g","topics":["in"],"start":"2s",
          "config":{"auto.offset.reset":"earliest",
          "enable.auto.commit":false,"session.timeout.ms":6000,"max.poll.records":50},
          "application":{"commit":"after-processing","process_time":"2ms")" +
           application + R"(,"output":{"topic":"out")" + output + R"(}}}],"faults":[)" + faults +
           R"(],"until":"40s"})";
}

/// Results by input record, as the code handed them over, and input records that a crash made it repeat.
std::pair<std::int64_t, std::int64_t> results(const Driven& driven) {
    Ranges inputs[2];
    std::int64_t again = 0;
    for (const auto& [time, sent] : driven.all<fact::ResultSent>())
        again +=
            inputs[sent.partition.value].add(sent.base_offset.value, sent.base_offset.value + sent.count);
    return {inputs[0].count() + inputs[1].count(), again};
}

std::string problem_of(const std::string& text) {
    const ReadResult result = read_scenario(text, "x", {}, SettingTables());
    return result.problems.empty() ? "" : format(result.problems.front());
}

} // namespace

TEST_CASE("output: each record has one result, and its partition is that of the input when asked") {
    Driven driven(copy_job(R"(,"partition":"same")"));
    driven.to_the_end();
    CHECK(results(driven) == std::pair<std::int64_t, std::int64_t>{1000, 0});
    for (const auto& [time, sent] : driven.all<fact::ResultSent>()) {
        const PartitionIndex to = driven.configuration->stream(sent.stream).partition;
        CHECK(driven.configuration->partition(to).number ==
              driven.configuration->partition(sent.partition).number);
    }
    CHECK(driven.configuration->producers[1].name == "c output");
    CHECK(driven.ledger.partitions[2].high_watermark.value ==
          driven.ledger.partitions[0].high_watermark.value);
}

TEST_CASE("output: a commit waits for the results before it") {
    Driven driven(copy_job(R"(,"wait":"commit","config":{"linger.ms":100})"));
    bool flushed = true;
    driven.until([&] {
        for (const Fact& fact : driven.world.kernel.facts)
            if (std::holds_alternative<fact::CommitSent>(fact))
                flushed = flushed && is_flushed(driven.world.readers[0].output.front());
        return false;
    });
    CHECK(driven.all<fact::CommitSent>().size() > 10);
    CHECK(flushed);
}

TEST_CASE("output: code that waits for each record has one result on its way, and is slower for it") {
    Driven driven(copy_job(R"(,"wait":"record","config":{"linger.ms":5})"));
    bool one_at_most = true;
    driven.until([&] {
        one_at_most = one_at_most && producer_of(driven.world, ProducerIndex{1}).undecided <= 1;
        return false;
    });
    CHECK(one_at_most);
    CHECK(results(driven).first == 1000);
}

TEST_CASE("output: a crash of the consumer takes its producer along, and the next process goes on") {
    Driven driven(copy_job(R"(,"config":{"linger.ms":200})",
                           R"({"at":"4s","do":"crash","target":"producer c output","for":"2s"})"));
    REQUIRE(driven.until([&] { return !driven.all<fact::ApplicationCrashed>().empty(); }));
    const auto ended = driven.all<fact::ProducerEnded>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].second.end == ProducerEnd::crashed);
    CHECK(ended[0].second.unsent > 0);
    CHECK(driven.world.readers[0].output.front().queues[0].batches.empty());
    driven.to_the_end();
    CHECK(results(driven).first == 1000);
    CHECK(results(driven).second > 0);
    std::vector<Ranges> values(driven.configuration->streams.size());
    for (const auto& [time, sent] :
         driven.all<fact::ResultSent>()) // a number names one record, over all lives
        CHECK(values[static_cast<std::size_t>(sent.stream.value)].add(sent.first.value,
                                                                      sent.first.value + sent.count) == 0);
}

TEST_CASE("output: a result that fails ends the process without a commit, unless the code only logs") {
    const std::string deny = R"({"at":"4s","do":"deny","target":"producer c output"})";
    Driven halts(copy_job("", deny));
    halts.to_the_end();
    CHECK(halts.world.readers[0].thread.stage == ConsumingStage::ended);
    CHECK(halts.ledger.consumption.groups[0].lag > 0);
    const auto last_commit = halts.all<fact::CommitSent>().back().first;
    CHECK(last_commit < sim::SimTime{} + sim::milliseconds(4500));
    Driven logs(copy_job(R"(,"on_error":"log")", deny));
    logs.to_the_end();
    CHECK(logs.ledger.consumption.groups[0].lag == 0);
    CHECK(logs.ledger.consumption.groups[0].lost ==
          0); // they were processed; their results are what is missing
}

TEST_CASE("output: a consumer that closes waits for its results first") {
    Driven driven(copy_job(R"(,"wait":"never","config":{"linger.ms":500})",
                           R"({"at":"4s","do":"stop","target":"consumer c"})"));
    driven.to_the_end();
    const auto ended = driven.all<fact::ProducerEnded>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].second.end == ProducerEnd::closed);
    CHECK(ended[0].second.unsent + ended[0].second.in_flight == 0);
}

TEST_CASE("output: what does not fit is refused by name") {
    CHECK(problem_of(copy_job(R"(,"wait":"never","on_error":"halt")")).find("learns of no error") !=
          std::string::npos);
    CHECK(problem_of(copy_job(R"(,"topics":1)")).find("unknown key") != std::string::npos);
    std::string loop = copy_job("");
    loop.replace(loop.find(R"("output":{"topic":"out")"), 23, R"("output":{"topic":"in" )");
    CHECK(problem_of(loop).find("does not read") != std::string::npos);
}
