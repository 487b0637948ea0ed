// Faults of machines, links and zones, and those of Trogdor: what is read, and what is refused.

#include "models/scenario/fields.hpp"
#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

ReadResult with_faults(const std::string& faults, const std::string& more = "") {
    const SettingTables tables;
    return read_scenario(
        R"({"brokers":[{"id":1,"rack":"a"},{"id":2,"rack":"b"},{"id":3,"rack":"c"}],"topics":[{"name":"t"}],
        "producers":[{"name":"shop","topic":"t","rack":"a"}],
        "consumers":[{"name":"billing","topics":["t"]}],)" +
            more + R"("faults":[)" + faults + "]}",
        "x.json", {}, tables);
}

std::string refused(const std::string& faults, const std::string& more = "") {
    std::string all;
    for (const InputProblem& problem : with_faults(faults, more).problems)
        all += format(problem) + "\n";
    return all;
}

std::vector<Fault> accepted(const std::string& faults, const std::string& more = "") {
    ReadResult result = with_faults(faults, more);
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    return result.scenario->configuration->faults;
}

} // namespace

TEST_CASE("machine faults: what each needs, and whom it can mean") {
    CHECK(accepted(R"({"at":"1s","do":"gc","target":"producer shop","for":"3s"})")[0].kind == FaultKind::gc);
    CHECK(has(refused(R"({"at":"1s","do":"gc","target":"broker 1"})"),
              "/faults/0/for: expected how long the world is stopped"));
    CHECK(accepted(R"({"at":"1s","do":"starve","target":"consumer billing","factor":9})")[0].factor == 9);
    CHECK(has(refused(R"({"at":"1s","do":"starve","target":"broker 1"})"),
              "/faults/0/factor: expected how many times"));
    CHECK(has(refused(R"({"at":"1s","do":"starve","target":"broker 1","factor":1})"),
              "/faults/0/factor: expected a whole number from 2"));
    CHECK(has(refused(R"({"at":"1s","do":"starve","target":"producer shop","factor":9})"),
              "/faults/0/target: expected brokers or a consumer"));
    CHECK(accepted(R"({"at":"1s","do":"clock","target":"broker 1","step":"-90s"})")[0].clock_step ==
          sim::Duration{-90000000});
    CHECK(has(refused(R"({"at":"1s","do":"clock","target":"broker 1"})"),
              R"(/faults/0: expected "step" or "drift_ppm")"));
    CHECK(has(refused(R"({"at":"1s","do":"clock","target":"broker 1","step":"soon"})"),
              R"(/faults/0/step: expected a duration such as "60s")"));
    const std::string voters = R"("metadata":{"type":"kraft","controllers":3},)";
    for (const char* one :
         {"producer shop", "consumer billing", "controller", "controller 102", "zone a", "site"})
        CHECK(accepted(std::string(R"({"at":"1s","do":"clock","step":"9s","target":")") + one + "\"}", voters)
                  .size() == 1);
    CHECK(has(refused(R"({"at":"1s","do":"clock","step":"9s","target":"controller"})"),
              "/faults/0/target: expected brokers or clients: a quorum of one"));
    CHECK(has(
        refused(R"({"at":"1s","do":"clock","step":"9s","target":"zookeeper"})", R"("metadata":"zookeeper",)"),
        "/faults/0/target: expected brokers, controllers or clients: the sessions"));
    CHECK(has(refused(R"({"at":"1s","do":"clock","target":"broker 1","step":"200000h"})"),
              "at most ten years"));
    CHECK(has(refused(R"({"at":"1s","do":"swizzle","target":"all brokers"})"),
              "/faults/0/for: expected how long it takes in all"));
    CHECK(has(refused(R"({"at":"1s","do":"swizzle","target":"producer shop","for":"9s"})"),
              "/faults/0/target: expected brokers"));
}

TEST_CASE("disk faults: what each needs, and whom it can mean") {
    const Fault slow = accepted(
        R"({"at":"1s","do":"disk","how":"slow","latency":"50ms","target":"leader of t-0","for":"3s"})")[0];
    CHECK(slow.disk.trouble == DiskTrouble::slow);
    CHECK(slow.latency->p50 == sim::milliseconds(50));
    CHECK(slow.disk.directory == 0);
    CHECK(has(refused(R"({"at":"1s","do":"disk","target":"broker 1"})"),
              R"(/faults/0/how: expected "full", "failed", "hung", "slow" or "unreadable")"));
    CHECK(has(refused(R"({"at":"1s","do":"disk","how":"ful","target":"broker 1"})"), "/faults/0/how: "));
    CHECK(has(refused(R"({"at":"1s","do":"disk","how":"slow","target":"broker 1"})"),
              "/faults/0/latency: expected how much longer a write takes"));
    CHECK(has(refused(R"({"at":"1s","do":"disk","how":"hung","latency":"1ms","target":"broker 1"})"),
              R"(/faults/0/latency: goes with "how": "slow")"));
    CHECK(has(refused(R"({"at":"1s","do":"disk","how":"full","target":"producer shop"})"),
              "/faults/0/target: expected brokers or controllers"));
    CHECK(accepted(R"({"at":"1s","do":"disk","how":"full","target":"controller 101"})").size() == 1);
    CHECK(has(refused(R"({"at":"1s","do":"disk","how":"unreadable","target":"controller"})"),
              "/faults/0/how: goes with brokers"));
    CHECK(has(refused(R"({"at":"1s","do":"disk","how":"full","target":"controller","directory":2})"),
              "/faults/0/directory: a controller writes to its first directory only"));
    CHECK(has(refused(R"({"at":"1s","do":"disk","how":"full","target":"broker 1","directory":2})"),
              "/faults/0/directory: expected one of the log directories, 1 to 1, got 2"));
    const std::string two = R"("config":{"log.dirs":"/data/a,/data/b"},)";
    CHECK(accepted(R"({"at":"1s","do":"disk","how":"full","target":"broker 1","directory":2})", two)[0]
              .disk.directory == 2);
}

TEST_CASE("deletions and corruption: what each needs") {
    const Fault some = accepted(R"({"at":"1s","do":"delete_records","target":"t-0","before":7})")[0];
    CHECK(some.before == Offset{7});
    const Fault all =
        accepted(R"({"at":"1s","do":"delete_records","target":"topic t","before":"high_watermark"})")[0];
    CHECK(all.before == no_offset);
    CHECK(has(refused(R"({"at":"1s","do":"delete_records","target":"t-0"})"),
              R"(/faults/0/before: expected an offset, or "high_watermark")"));
    CHECK(has(refused(R"({"at":"1s","do":"delete_records","target":"t-0","before":-1})"),
              "/faults/0/before: "));
    CHECK(has(refused(R"({"at":"1s","do":"delete_records","target":"broker 1","before":1})"),
              "/faults/0/target: expected a partition"));
    CHECK(has(refused(R"({"at":"1s","do":"delete_records","target":"t-0","before":1,"for":"1s"})"),
              "/faults/0/for: this fault has nothing to undo"));
    const Fault bits =
        accepted(R"({"at":"1s","do":"corrupt","target":"leader of t-0","partition":"t-0","offset":5})")[0];
    CHECK(bits.disk.partition == PartitionIndex{0});
    CHECK(bits.disk.offset == Offset{5});
    CHECK(has(refused(R"({"at":"1s","do":"corrupt","target":"broker 1","partition":"x-0","offset":5})"),
              R"(/faults/0/partition: no such partition: "x-0")"));
    CHECK(has(refused(R"({"at":"1s","do":"corrupt","target":"broker 1","partition":"t-0"})"),
              "/faults/0/offset: expected an offset"));
    CHECK(has(refused(R"({"at":"1s","do":"corrupt","target":"producer shop","partition":"t-0","offset":5})"),
              "/faults/0/target: expected brokers"));
    const std::string old = R"("release":"3.5","config":{"log.dirs":"/data/a,/data/b"},)";
    CHECK(has(refused("", old), "several log directories need Kafka 3.7 under KRaft (KIP-858)"));
}

TEST_CASE("machine faults: several targets at one instant, zones and the site") {
    CHECK(accepted(R"({"at":"1s","do":"power_loss","target":["broker 1","broker 3"]})")[0].targets.size() ==
          2);
    CHECK(accepted(R"({"at":"1s","do":"power_loss","target":"zone a"})")[0].targets[0].kind ==
          TargetKind::zone);
    CHECK(accepted(R"({"at":"1s","do":"power_loss","target":"site"})")[0].targets[0].kind ==
          TargetKind::site);
    CHECK(has(refused(R"({"at":"1s","do":"crash","target":"zone d"})"), R"(no such rack: "d")"));
    CHECK(has(refused(R"({"at":"1s","do":"crash","target":["broker 1",2]})"),
              "/faults/0/target/1: expected a target"));
    CHECK(has(refused(R"({"at":"1s","do":"cut","target":["broker 1","broker 2"]})"),
              "/faults/0/target: expected a target"));
    const std::string voters = R"("metadata":{"type":"kraft","controllers":3,"racks":["a","b"]},)";
    CHECK(has(refused("", voters),
              "/metadata/racks: expected a list with the rack of each separate controller"));
}

TEST_CASE("slow links: jitter, loss and slow close") {
    const Fault fault = accepted(
        R"({"at":"1s","do":"slow","target":"broker 1","jitter":"5ms","loss":"1.25%","close_delay":"4s"})")[0];
    CHECK(fault.trouble.loss_ppm == 12500);
    CHECK(fault.trouble.close_delay == sim::seconds(4));
    REQUIRE(fault.trouble.jitter);
    CHECK(fault.trouble.jitter->p99 == sim::milliseconds(5));
    CHECK(has(refused(R"({"at":"1s","do":"slow","target":"broker 1"})"),
              R"(/faults/0: expected "latency" or "bandwidth", "jitter", "loss" or "close_delay")"));
    CHECK(has(refused(R"({"at":"1s","do":"cut","target":"broker 1","loss":"1%"})"),
              "/faults/0/loss: goes with slow"));
    for (const char* loss : {"1", "91%", "x%", "-1%", "1.%", ".5%", "0.00001%", "%"})
        CHECK(
            has(refused(std::string(R"({"at":"1s","do":"slow","target":"broker 1","loss":")") + loss + "\"}"),
                "/faults/0/loss: expected a percentage up to 90"));
    CHECK(parse_percent("0.05%") == 500);
    CHECK(parse_percent("100%") == 1000000);
}

TEST_CASE("zones: a matrix of latencies is read as links from the start") {
    const std::string zones =
        R"("network":{"zones":[{"between":["a","b"],"latency":"12ms","loss":"0.1%"}]},)";
    const std::vector<Fault> faults = accepted("", zones);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].targets[1].kind == TargetKind::zone);
    CHECK(faults[0].targets[1].rack == "b");
    CHECK(faults[0].trouble.loss_ppm == 1000);
    CHECK(has(refused("", R"("network":{"zones":[{"between":["a","x"],"latency":"1ms"}]},)"),
              R"(/network/zones/0/between/1: no such rack: "x")"));
    CHECK(has(refused("", R"("network":{"zones":[{"between":["a"],"latency":"1ms"}]},)"),
              "/network/zones/0/between: expected two racks"));
    CHECK(has(refused("", R"("network":{"zones":7},)"), "/network/zones: expected a list"));
    CHECK(has(refused("", R"("network":{"zones":[{"between":["a","b"],"latncy":"1ms"}]},)"),
              "/network/zones/0/latncy: unknown key"));
}

TEST_CASE("Trogdor: a stopped process is paused") {
    const std::vector<Fault> faults = accepted(
        R"({"class":"org.apache.kafka.trogdor.fault.ProcessStopFaultSpec","startMs":1000,"durationMs":30000,
            "nodeNames":["node1","node3"],"javaProcessName":"kafka.Kafka"})");
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].kind == FaultKind::pause);
    CHECK(faults[0].at_from == sim::SimTime{1000000});
    CHECK(faults[0].lasts_from == sim::seconds(30));
    REQUIRE(faults[0].targets.size() == 2);
    CHECK(faults[0].targets[1].text == "broker 3");
}

TEST_CASE("Trogdor: sets of nodes are cut from each other") {
    const std::vector<Fault> faults = accepted(
        R"({"class":"org.apache.kafka.trogdor.fault.NetworkPartitionFaultSpec","startMs":0,"durationMs":5000,
            "partitions":[["node1","node2"],["node3"]]})");
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].kind == FaultKind::cut);
    CHECK(faults[0].name == "fault 1.1");
    CHECK(faults[1].targets[0].text == "broker 2");
    CHECK(faults[1].targets[1].text == "broker 3");
    CHECK(!faults[1].forward_only);
}

TEST_CASE("Trogdor: a degraded node sends late and slowly") {
    const std::vector<Fault> faults = accepted(
        R"({"class":"org.apache.kafka.trogdor.fault.DegradedNetworkFaultSpec","startMs":0,"durationMs":5000,
            "nodeSpecs":{"node2":{"networkDevice":"eth0","latencyMs":100,"rateLimitKbit":2000}}})");
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].kind == FaultKind::slow);
    CHECK(faults[0].forward_only);
    CHECK(faults[0].bandwidth_bits == 2000000);
    REQUIRE(faults[0].trouble.jitter);
    CHECK(faults[0].trouble.jitter->p50 == sim::milliseconds(100));
    CHECK(faults[0].trouble.jitter->p99 == sim::milliseconds(130)); // three deviations of sqrt(100)
}

TEST_CASE("Trogdor: a task is its spec with an id") {
    const std::string spec = R"("spec":{"class":"org.apache.kafka.trogdor.fault.NetworkPartitionFaultSpec",
        "startMs":1000,"durationMs":30000,"partitions":[["node1"],["node2","node3"]]})";
    const std::vector<Fault> faults = accepted(R"({"id":"cut",)" + spec + "}");
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].name == "cut.1");
    CHECK(faults[0].kind == FaultKind::cut);
    CHECK(faults[0].at_from == sim::SimTime{1000000});
    CHECK(accepted("{" + spec + "}").size() == 2); // CoordinatorClient gives it an id of its own
    CHECK(has(refused(R"({"id":"cut","spec":7})"), "/faults/0/spec: expected a fault spec of Trogdor"));
    CHECK(has(refused(R"({"id":"cut","spec":{"startMs":1}})"), "/faults/0/spec/class: expected a fault"));
    CHECK(has(refused(R"({"id":"cut","state":"DONE",)" + spec + "}"), "/faults/0/state: unknown key"));
}

TEST_CASE("Trogdor: what cannot be is told with its place") {
    const auto spec = [](const std::string& name, const std::string& more) {
        return R"({"class":"org.apache.kafka.trogdor.fault.)" + name + R"(","startMs":0,"durationMs":5000)" +
               more + "}";
    };
    const std::string below_x =
        spec("FilesUnreadableFaultSpec",
             R"(,"nodeNames":["node1"],"mountPath":"/kibosh","prefix":"x","errorCode":5)");
    const std::vector<std::string> warnings = with_faults(below_x).scenario->warnings;
    REQUIRE(warnings.size() == 1);
    CHECK(has(warnings[0], "/faults/0/prefix: all files of the log directories are unreadable"));
    const std::vector<Fault> unreadable = accepted(below_x);
    REQUIRE(unreadable.size() == 1);
    CHECK(unreadable[0].kind == FaultKind::disk);
    CHECK(unreadable[0].disk.trouble == DiskTrouble::unreadable);
    CHECK(unreadable[0].lasts_from == sim::seconds(5));
    CHECK(has(refused(spec("FilesUnreadableFaultSpec", R"(,"nodeNames":["node1"],"errorCode":0)")),
              "/faults/0/errorCode: expected an error number such as 5 (EIO)"));
    CHECK(has(refused(spec("NetworkPartitionFaultSpec", R"(,"partitions":[["node1"],["node2","node1"]])")),
              "/faults/0/partitions/1: broker 1 appears in more than one partition"));
    CHECK(has(refused(spec("FilesUnreadableFaultSpec", R"(,"mountPath":"/kibosh")")),
              "/faults/0/nodeNames: expected a list of nodes"));
    CHECK(has(refused(spec("ProcesStopFaultSpec", "")),
              "did you mean \"org.apache.kafka.trogdor.fault.ProcessStopFaultSpec\"?"));
    CHECK(has(refused(spec("ProcessStopFaultSpec", "")), "/faults/0/nodeNames: expected a list of nodes"));
    CHECK(has(refused(spec("ProcessStopFaultSpec", R"(,"nodeNames":["node9"])")),
              "/faults/0/nodeNames/0: expected a node whose name ends with the id of a broker"));
    CHECK(has(refused(spec("ProcessStopFaultSpec", R"(,"nodeNames":["node1"],"nodeName":1)")),
              "/faults/0/nodeName: unknown key"));
    CHECK(has(refused(spec("NetworkPartitionFaultSpec", R"(,"partitions":[["node1"]])")),
              "/faults/0/partitions: expected at least two lists"));
    CHECK(has(refused(spec("DegradedNetworkFaultSpec", R"(,"nodeSpecs":{"node1":{}})")),
              "/faults/0/nodeSpecs/node1: expected \"latencyMs\" or \"rateLimitKbit\""));

    CHECK(has(refused(
                  R"({"class":"org.apache.kafka.trogdor.fault.ProcessStopFaultSpec","startMs":1764000000000,
                           "durationMs":1,"nodeNames":["node1"]})"),
              "/faults/0/startMs: expected milliseconds since the start of the run"));
}
