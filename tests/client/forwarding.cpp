// Records that failed, on their way to another topic.

#include "tests/cluster/driven.hpp"

using namespace kafka;
using cluster_test::Driven;

namespace {

std::string job(const std::string& application, const std::string& faults = "") {
    return R"({"brokers":1,"config":{"group.initial.rebalance.delay.ms":0},
        "topics":[{"name":"in","assignment":[[1],[1]]},{"name":"out","assignment":[[1]]},
                  {"name":"later","assignment":[[1]]},{"name":"dead","assignment":[[1],[1]]}],
        "producers":[{"name":"p","topic":"in","start":"1s","records":{"count":1000,"rate":200}}],
        "consumers":[{"name":"c","group":"g","topics":["in"],"start":"2s",
          "config":{"auto.offset.reset":"earliest","enable.auto.commit":false,"session.timeout.ms":6000,
                    "max.poll.records":50},
          "application":{"commit":"after-processing","process_time":"2ms","fails":{"every":50},)" +
           application + R"(}}],"faults":[)" + faults + R"(],"until":"40s"})";
}

const FailureSummary& failures(const Driven& driven) { return driven.ledger.consumption.failures.groups[0]; }

} // namespace

TEST_CASE("forwarding: dead letters stand in their topic, apart from results and from the retry topic") {
    Driven driven(job(R"("on_failure":"dead_letter","dead_letter":"dead","output":{"topic":"out"})"));
    driven.to_the_end();
    CHECK(failures(driven).dead_letters.sent == 19);
    CHECK(failures(driven).dead_letters.arrived == 19);
    CHECK(failures(driven).to_retry_topic.sent == 0);
    const auto written = [&](int partition) {
        return driven.ledger.partitions[static_cast<std::size_t>(partition)].high_watermark.value;
    };
    CHECK(written(2) == 981); // results: not of those that failed
    CHECK(written(3) == 0);
    CHECK(written(4) + written(5) == 19);
    CHECK(driven.ledger.consumption.groups[0].lost == 0);
    Driven later(job(R"("on_failure":"retry_topic","retry_topic":"later")"));
    later.to_the_end();
    CHECK(failures(later).to_retry_topic.arrived == 19);
    CHECK(later.ledger.partitions[3].high_watermark.value == 19);
}

TEST_CASE("forwarding: after retries that are used up, each record once") {
    Driven driven(job(
        R"("on_failure":"block","retries":2,"retry_after":"10ms",)"
        R"("then":"dead_letter","dead_letter":"dead")"));
    driven.to_the_end();
    CHECK(failures(driven).failed == 57);
    CHECK(failures(driven).retried == 38);
    CHECK(failures(driven).dead_letters.arrived == 19);
    CHECK(failures(driven).recovered == 0);
}

TEST_CASE("forwarding: a commit waits for the copies before it") {
    Driven driven(
        job(R"("on_failure":"dead_letter","dead_letter":"dead","output":{"config":{"linger.ms":200}})"));
    bool flushed = true;
    driven.until([&] {
        for (const Fact& fact : driven.world.kernel.facts)
            if (std::holds_alternative<fact::CommitSent>(fact))
                flushed = flushed && is_flushed(driven.world.readers[0].output.front());
        return false;
    });
    CHECK(flushed);
}

TEST_CASE("forwarding: a copy that cannot be written ends the process, or is lost when the code only logs") {
    const std::string deny = R"({"at":"4s","do":"deny","target":"producer c output"})";
    Driven halts(job(R"("on_failure":"dead_letter","dead_letter":"dead")", deny));
    halts.to_the_end();
    CHECK(halts.ledger.consumption.groups[0].lag > 0);
    CHECK(halts.ledger.consumption.groups[0].lost == 0);
    CHECK(failures(halts).dead_letters.failed > 0);
    Driven logs(job(R"("on_failure":"dead_letter","dead_letter":"dead","output":{"on_error":"log"})", deny));
    logs.to_the_end();
    CHECK(logs.ledger.consumption.groups[0].lag == 0);
    CHECK(logs.ledger.consumption.groups[0].lost == failures(logs).dead_letters.failed);
    REQUIRE(!logs.ledger.consumption.losses.empty());
    CHECK(logs.ledger.consumption.losses.front().forward_failed);
}
