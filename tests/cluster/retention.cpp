// Old records that go: what followers, consumers and ledgers make of it.

#include "models/check/invariants.hpp"
#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

/// A file a second, kept for five; looked at each second.
std::string keeping(const std::string& more, const std::string& faults = "") {
    return R"({"config":{"log.retention.check.interval.ms":1000,"log.initial.task.delay.ms":1000},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":2,"retention.ms":5000,"segment.ms":1000}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":2000,"rate":100},"config":{"acks":"all"}}],
        )" +
           more + R"("until":"24s","faults":[)" + faults + "]}";
}

std::string with_deletion(const std::string& faults, const std::string& more = "") {
    return R"({"topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":2}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":2000,"rate":100},"config":{"acks":"all"}}],
        "until":"40s",)" +
           more + R"("faults":[)" + faults + "]}";
}

/// Breaches of the invariants over a run, by name.
std::int64_t breaches(const std::string& text, const std::string& name, BrokenRule broken) {
    ReadResult result = read_scenario(text, "test", {}, SettingTables());
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    auto configuration = std::make_shared<Configuration>(*result.scenario->configuration);
    for (BrokerConfiguration& broker : configuration->brokers)
        broker.dialect.broken = broken;
    World world = make_world(configuration, 1);
    Invariants invariants(*configuration);
    while (step(world)) {
        for (const Fact& fact : world.kernel.facts)
            invariants.on(world.kernel.now, world.events, fact, world);
        invariants.after_step(world);
    }
    std::int64_t all = 0;
    for (const auto& [known, count] : invariants.counts())
        all += name.empty() || known == name ? count : 0;
    return all;
}

} // namespace

// Goal: every replica deletes for itself, the log start moves, and what was acknowledged and has expired is
// no loss.
TEST_CASE("retention: old files go on every replica, and are no losses") {
    Driven run(keeping(""));
    run.to_the_end();
    for (const int broker : {1, 2, 3}) {
        CHECK(run.log(broker).log_start_offset >= Offset{1200});
        CHECK(run.log(broker).log_end_offset == Offset{2000});
        CHECK(run.log(broker).segments.list.size() < 9);
    }
    CHECK(run.ledger.streams[0].acknowledged == 2000);
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.ledger.streams[0].expired == run.log(1).log_start_offset.value);
    CHECK(run.ledger.partitions[0].log_start_offset == run.log(1).log_start_offset);
    CHECK(!run.all<fact::LogStartMoved>([](const fact::LogStartMoved& f) {
                  return f.cause == fact::LogStartCause::retention && f.as_leader;
              })
               .empty());
}

TEST_CASE("retention: a follower that was away for longer begins anew at the leader's log start") {
    Driven run(keeping("", R"({"at":"3s","do":"crash","target":"broker 3","for":"12s"})"));
    run.to_the_end();
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.log(3).log_end_offset == Offset{2000});
    CHECK(first_offset(run.log(3)) > Offset{300});
    CHECK(prefix_hash(run.log(3), Offset{2000}) == prefix_hash(run.log(1), Offset{2000}));
    CHECK(!run.all<fact::LogTruncated>([](const fact::LogTruncated& f) {
                  return f.cause == RemovalCause::truncation_out_of_range;
              })
               .empty());
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(breaches(keeping("", R"({"at":"3s","do":"crash","target":"broker 3","for":"12s"})"), "",
                   BrokenRule::none) == 0);
}

TEST_CASE("retention: a consumer that was away for longer skips what is gone") {
    const auto summary = [](const std::string& reset) {
        Driven run(keeping(R"("consumers":[{"name":"c","topics":["t"],"config":{"auto.offset.reset":")" +
                               reset + "\"}}],",
                           R"({"at":"3s","do":"pause","target":"consumer c","for":"12s"})"));
        run.to_the_end();
        return run.ledger.consumers[0];
    };
    const ConsumerSummary earliest = summary("earliest");
    CHECK(earliest.expired > 300);
    CHECK(earliest.skipped == earliest.expired);
    CHECK(earliest.read + earliest.expired == 2000);
    CHECK(earliest.unread == 0);
    const ConsumerSummary latest = summary("latest");
    CHECK(latest.skipped > latest.expired); // it goes on at the end
    CHECK(latest.expired > 300);
}

TEST_CASE("retention: what a group never got is neither lost to it nor unread") {
    Driven run(keeping(R"("consumers":[{"name":"c","topics":["t"],"group":"g",
                           "config":{"auto.offset.reset":"earliest","auto.commit.interval.ms":500,
                               "session.timeout.ms":6000,"heartbeat.interval.ms":1000}}],)",
                       R"({"at":"7s","do":"crash","target":"consumer c","for":"6s"})"));
    run.to_the_end();
    CHECK(run.ledger.consumers[0].expired > 100);
    CHECK(run.ledger.consumption.groups[0].lost == 0);
    CHECK(run.ledger.end_to_end.groups[0].expired > 100);
    CHECK(run.ledger.end_to_end.groups[0].lost_in_log == 0);
}

TEST_CASE("retention: a record that was lost before stays lost") {
    Driven run(
        R"({"config":{"log.retention.check.interval.ms":1000,"log.initial.task.delay.ms":1000},
        "topics":[{"name":"t","replication.factor":2,"assignment":[[1,2]],
                   "config":{"retention.ms":5000,"segment.ms":1000,"unclean.leader.election.enable":true}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":2000,"rate":100},"config":{"acks":"1"}}],
        "until":"40s","faults":[
        {"at":"3s","do":"cut","between":["broker 1","broker 2"],"listener":"replication","for":"40s"},
        {"at":"5s","do":"power_loss","target":"broker 1"}]})");
    run.to_the_end();
    CHECK(run.ledger.streams[0].lost > 50);
    CHECK(run.ledger.streams[0].expired > 500);
}

TEST_CASE("retention: files with records that are not committed stay") {
    const std::string cut = R"({"at":"3s","do":"cut","between":["broker 1","broker 2"],"for":"9s"},
                               {"at":"3s","do":"cut","between":["broker 1","broker 3"],"for":"9s"})";
    CHECK(breaches(keeping("", cut), "", BrokenRule::none) == 0);
    CHECK(breaches(keeping("", cut), "log_starts_stay_below_high_watermarks",
                   BrokenRule::retention_ignores_high_watermark) > 0);
}

TEST_CASE("segments_cover_the_log: files that do not hold what the log holds are found") {
    ReadResult result = read_scenario(keeping(""), "test", {}, SettingTables());
    REQUIRE(result.scenario);
    World world = make_world(result.scenario->configuration, 1);
    Invariants invariants(*result.scenario->configuration);
    const auto found = [&] {
        for (const auto& [name, count] : invariants.counts())
            if (name == "segments_cover_the_log") return count;
        return std::int64_t{-1};
    };
    while (world.kernel.now < sim::SimTime{4000000} && step(world)) {
        for (const Fact& fact : world.kernel.facts)
            invariants.on(world.kernel.now, world.events, fact, world);
        invariants.after_step(world);
    }
    CHECK(found() == 0);
    world.brokers[0].disk.logs[0].segments.list[1].bytes += 1;
    invariants.on(world.kernel.now, world.events,
                  fact::HighWatermarkMoved{BrokerSlot{0}, PartitionIndex{0}, Offset{0}, Epoch{0}, false},
                  world);
    invariants.after_step(world);
    CHECK(found() == 1);
}

TEST_CASE("delete records: the leader's log start moves, followers follow, readers below it start over") {
    Driven run(with_deletion(R"({"at":"6s","do":"delete_records","target":"t-0","before":250})",
                             R"("consumers":[{"name":"c","topics":["t"],"start":"10s",
                                 "config":{"auto.offset.reset":"earliest"}}],)"));
    run.to_the_end();
    for (const int broker : {1, 2, 3})
        CHECK(run.log(broker).log_start_offset == Offset{250});
    CHECK(run.ledger.streams[0].expired == 250);
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.ledger.consumers[0].read == 1750);
    CHECK(run.ledger.consumers[0].unread == 0);
}

TEST_CASE("delete records: up to the high watermark, and no further") {
    Driven run(
        with_deletion(R"({"at":"6s","do":"delete_records","target":"topic t","before":"high_watermark"},
                                {"at":"7s","do":"delete_records","target":"t-0","before":5000})"));
    run.to_the_end();
    CHECK(run.log(1).log_start_offset > Offset{500});
    CHECK(run.log(1).log_start_offset < Offset{620});
    CHECK(run.all<fact::FaultMissed>().size() == 1);
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(breaches(
              with_deletion(R"({"at":"6s","do":"delete_records","target":"t-0","before":"high_watermark"})"),
              "", BrokenRule::none) == 0);
}

// Goal: log-start-offset-checkpoint is written once a minute. A leader that dies before it is has the records
// again, for their files were never deleted.
TEST_CASE("delete records: an unclean restart before the checkpoint brings records back") {
    const std::string deletion = R"({"at":"6s","do":"delete_records","target":"t-0","before":250},)";
    Driven crashed(with_deletion(deletion + R"({"at":"7s","do":"crash","target":"all brokers","for":"1s"})"));
    crashed.to_the_end();
    CHECK(crashed.ledger.partitions[0].log_start_offset == Offset{0});
    CHECK(crashed.ledger.streams[0].expired == 0);
    Driven late(with_deletion(deletion + R"({"at":"32s","do":"crash","target":"all brokers","for":"1s"})"));
    late.to_the_end();
    CHECK(late.ledger.partitions[0].log_start_offset == Offset{250});
}

TEST_CASE("delete records: a new follower begins within the batch that holds the log start") {
    Driven run(with_deletion(R"({"at":"6s","do":"delete_records","target":"t-0","before":251},
        {"at":"8s","do":"wipe_disk","target":"broker 3","for":"1s"})",
                             R"("config":{"broker.session.timeout.ms":6000},)"));
    run.to_the_end();
    CHECK(run.log(3).log_start_offset == Offset{251});
    CHECK(run.log(3).log_end_offset == Offset{2000});
    CHECK(run.decided().isr.size() == 3);
}

TEST_CASE("retention: settings of the broker in hours and minutes count, and a change while running") {
    const auto settings = [](const std::string& config) {
        ReadResult result =
            read_scenario(R"({"config":{)" + config +
                              R"(},"topics":[{"name":"t"}],"producers":[{"name":"p","topic":"t"}]})",
                          "test", {}, SettingTables());
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return result.scenario->configuration->topics[0].settings;
    };
    CHECK(settings("").retention_millis == 604800000);
    CHECK(!settings("").keeps_segments);
    CHECK(settings(R"("log.retention.hours":2)").retention_millis == 7200000);
    CHECK(settings(R"("log.retention.hours":2)").keeps_segments);
    CHECK(settings(R"("log.retention.minutes":3,"log.retention.hours":2)").retention_millis == 180000);
    CHECK(settings(R"("log.retention.ms":-1)").retention_millis == -1);
    CHECK(settings(R"("log.segment.bytes":2000000)").segment_bytes == 2000000);
    CHECK(settings(R"("log.roll.hours":1)").segment_time == sim::seconds(3600));
    Driven run(keeping("", R"({"at":"2s","do":"set","target":"topic t","config":{"retention.ms":-1}})"));
    run.to_the_end();
    CHECK(run.log(1).log_start_offset == Offset{0});
}
