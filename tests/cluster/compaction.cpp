// Compacted topics in a cluster: what replicas, clients and ledgers make of gaps.

#include "models/check/guarantees.hpp"
#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

/// Ten keys, 100 records a second for 20 s, a file a second, cleaned every second.
std::string compacted(const std::string& faults, const std::string& more = "",
                      const std::string& key = R"("key":{"count":10},)") {
    return R"({"config":{"log.cleaner.backoff.ms":1000},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":2,"cleanup.policy":"compact","segment.ms":1000}}],
        "producers":[{"name":"shop","topic":"t","records":{)" +
           key + R"("count":2000,"rate":100},"config":{"acks":"all"}}],
        )" +
           more + R"("until":"30s","faults":[)" + faults + "]}";
}

/// Two loads: ten keys early, a hundred others later, so that the last records of the first are cleaned, too.
std::string two_loads(const std::string& faults, const std::string& topic = "",
                      const std::string& first_config = R"("acks":"all")") {
    return R"({"config":{"log.cleaner.backoff.ms":1000},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":2,"cleanup.policy":"compact","segment.ms":1000)" +
           topic + R"(}}],
        "producers":[{"name":"early","topic":"t","records":{"key":{"count":10},"count":500,"rate":100},
                      "config":{)" +
           first_config + R"(}},
                     {"name":"late","topic":"t","start":"6s","records":{"key":{"first":1000,"count":100},
                      "count":1200,"rate":100},"config":{"acks":"all"}}],
        "until":"30s","faults":[)" +
           faults + "]}";
}

struct Judged {
    Ledger ledger;
    std::vector<Guarantee> guarantees;
};

/// Runs it with a rule broken in all brokers.
Judged judged_run(const std::string& text, BrokenRule broken = BrokenRule::none) {
    ReadResult result = read_scenario(text, "test", {}, SettingTables());
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    static std::vector<std::shared_ptr<Configuration>> kept; // ledgers refer to them
    kept.push_back(std::make_shared<Configuration>(*result.scenario->configuration));
    const std::shared_ptr<Configuration> configuration = kept.back();
    for (BrokerConfiguration& broker : configuration->brokers)
        broker.dialect.broken = broken;
    World world = make_world(configuration, 1);
    Ledger ledger(*configuration);
    Readings readings(*configuration);
    Invariants invariants(*configuration);
    while (step(world)) {
        for (const Fact& fact : world.kernel.facts) {
            ledger.on(world.kernel.now, world.events, fact, world);
            readings.on(world.kernel.now, world.events, fact, world);
            invariants.on(world.kernel.now, world.events, fact, world);
        }
        ledger.after_step(world);
        invariants.after_step(world);
    }
    ledger.at_end(world);
    readings.at_end(world);
    std::vector<Guarantee> guarantees = judge(ledger, readings, invariants, *configuration);
    return {std::move(ledger), std::move(guarantees)};
}

GuaranteeState state_of(const Judged& run, const std::string& name) {
    for (const Guarantee& one : run.guarantees)
        if (one.name == name) return one.state;
    return GuaranteeState::not_applicable;
}

std::int64_t records_in(const Log& log) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < log.batches.size(); ++i)
        count += has_records(log.batches[i]) ? log.batches[i].count : 0;
    return count;
}

} // namespace

// Goal: every replica cleans for itself; what went was superseded, and nothing is lost, unread or skipped.
TEST_CASE("compaction: each replica keeps the last records, and what goes is no loss") {
    const std::string reader = R"("consumers":[{"name":"view","topics":["t"],
        "config":{"auto.offset.reset":"earliest"}},{"name":"late","topics":["t"],"start":"25s",
        "config":{"auto.offset.reset":"earliest"}}],)";
    Driven run(compacted("", reader));
    run.to_the_end();
    for (const int broker : {1, 2, 3}) {
        CHECK(run.log(broker).log_end_offset == Offset{2000});
        CHECK(run.log(broker).log_start_offset == Offset{0});
        CHECK(records_in(run.log(broker)) < 400);
        CHECK(run.log(broker).cleaning.checkpoint > Offset{1500});
    }
    const StreamSummary& records = run.ledger.streams[0];
    CHECK(records.acknowledged == 2000);
    CHECK(records.lost == 0);
    CHECK(records.compacted == 2000 - records_in(run.log(1)));
    for (const ConsumerSummary& consumer : run.ledger.consumers) {
        CHECK(consumer.unread == 0);
        CHECK(consumer.skipped == 0);
    }
    CHECK(run.ledger.consumers[0].read == 2000);
    CHECK(run.ledger.consumers[1].read == records_in(run.log(1)));
    CHECK(run.ledger.compaction.partitions[0].keys == 10);
    for (const TableSummary& table : run.ledger.compaction.tables) {
        CHECK(table.keys == 10);
        CHECK(table.right == 10);
    }
    const Judged whole = judged_run(compacted("", reader));
    for (const char* name : {"acknowledged_records_survive", "compaction_keeps_the_latest_value",
                             "read_records_survive", "readers_agree", "replication_protocol"})
        CHECK_MESSAGE(state_of(whole, name) == GuaranteeState::held, name);
}

TEST_CASE("compaction: a topic that is only deleted is not cleaned, and compact,delete does both") {
    std::string deleting = compacted("");
    deleting.replace(deleting.find(R"("cleanup.policy":"compact")"), 26, R"("cleanup.policy":"delete")");
    Driven plain(deleting);
    plain.to_the_end();
    CHECK(plain.all<fact::LogCleaned>().empty());
    CHECK(records_in(plain.log(1)) == 2000);
    std::string both = two_loads("", R"(,"retention.ms":5000)");
    both.replace(both.find(R"("cleanup.policy":"compact")"), 26, R"("cleanup.policy":"compact,delete")");
    Driven run(both);
    run.to_the_end();
    CHECK(!run.all<fact::LogCleaned>().empty());
    CHECK(run.log(1).log_start_offset > Offset{0});
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.ledger.streams[0].expired > 0);
    Driven kept(two_loads("", R"(,"retention.ms":5000)")); // compact alone: retention says nothing
    kept.to_the_end();
    CHECK(kept.log(1).log_start_offset == Offset{0});
}

TEST_CASE("compaction: a follower that lost its disk copies what is left, with its gaps") {
    Driven run(compacted(R"({"at":"10s","do":"wipe_disk","target":"broker 3","for":"2s"})",
                         R"("heal":{"bound":"1min"},)"));
    run.to_the_end();
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.log(3).log_end_offset == Offset{2000});
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(state_of(judged_run(compacted(R"({"at":"10s","do":"wipe_disk","target":"broker 3","for":"2s"})")),
                   "replication_protocol") == GuaranteeState::held);
}

TEST_CASE("compaction: leaders that crash, and power losses, lose nothing of what is committed") {
    for (const char* fault : {R"({"at":"8s","do":"crash","target":"leader of t-0","for":"4s"})",
                              R"({"at":"8s","do":"power_loss","target":"leader of t-0","for":"4s"})",
                              R"({"at":"8s","do":"stop","target":"leader of t-0","for":"4s"})"}) {
        const Judged run = judged_run(compacted(fault, R"("consumers":[{"name":"view","topics":["t"],
            "group":"view","config":{"auto.offset.reset":"earliest"}}],)"));
        CHECK(run.ledger.streams[0].lost == 0);
        CHECK(state_of(run, "compaction_keeps_the_latest_value") == GuaranteeState::held);
        CHECK(state_of(run, "replication_protocol") == GuaranteeState::held);
        CHECK(run.ledger.consumption.groups[0].lost == 0);
        CHECK(run.ledger.member_readings.groups[0].poll_skips == 0);
    }
}

TEST_CASE("compaction: a broken cleaner that keeps the first record of a key is found out") {
    const Judged right = judged_run(two_loads(""));
    CHECK(right.ledger.streams[0].lost == 0);
    CHECK(state_of(right, "compaction_keeps_the_latest_value") == GuaranteeState::held);
    const Judged wrong = judged_run(two_loads(""), BrokenRule::cleaner_keeps_the_first);
    CHECK(wrong.ledger.compaction.partitions[0].stale == 10);
    CHECK(state_of(wrong, "compaction_keeps_the_latest_value") == GuaranteeState::violated);
}

TEST_CASE("compaction: a record without a key is refused, as the release has it") {
    const auto failed = [](const std::string& release, SendFailure failure) {
        std::string text = compacted("", "", "");
        text.insert(1, R"("release":")" + release + R"(",)");
        Driven run(text);
        run.to_the_end();
        const auto& all = run.ledger.producers[0].failed;
        const auto at = all.find(failure);
        return at == all.end() ? 0 : at->second;
    };
    CHECK(failed("4.3", SendFailure::invalid_record) == 2000);
    CHECK(failed("2.4", SendFailure::invalid_record) == 2000);
    CHECK(failed("2.3", SendFailure::invalid_record) == 0); // CORRUPT_MESSAGE is tried again until it is late
}

TEST_CASE("compaction: an unclean election brings an old value of a key back") {
    // 1. Two followers are cut off and leave the ISR. 2. The leader alone takes the last values of the keys.
    // 3. It dies, and one of the others is elected uncleanly.
    const std::string text =
        two_loads(R"({"at":"3s","do":"cut","between":["broker 1","broker 2"],"for":"20s"},
        {"at":"3s","do":"cut","between":["broker 1","broker 3"],"for":"20s"},
        {"at":"5500ms","do":"wipe_disk","target":"broker 1"},
        {"at":"16s","do":"elect","type":"unclean","target":"t-0"})",
                  R"(,"unclean.leader.election.enable":true)", R"("acks":"1")");
    const Judged run = judged_run(text);
    CHECK(run.ledger.compaction.partitions[0].stale == 10);
    CHECK(state_of(run, "compaction_keeps_the_latest_value") == GuaranteeState::allowed);
}

// Goal: the reader is down for longer than delete.retention.ms, and comes back to a log that no longer says
// that keys were deleted.
TEST_CASE("compaction: a slow reader keeps a key that was deleted") {
    const auto tables = [](const std::string& retention) {
        Driven run(R"({"config":{"log.cleaner.backoff.ms":1000},
            "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
              "config":{"cleanup.policy":"compact","segment.ms":1000,"delete.retention.ms":)" +
                   retention + R"(,"min.cleanable.dirty.ratio":0.01}}],
            "producers":[{"name":"users","topic":"t","records":{"key":{"count":10},"count":200,"rate":100}},
              {"name":"erasure","topic":"t","start":"6s",
               "records":{"key":{"count":3,"tombstone_every":1},"count":3,"rate":100}},
              {"name":"noise","topic":"t","start":"1s",
               "records":{"key":{"first":1000,"count":5},"count":2500,"rate":100}}],
            "consumers":[{"name":"view","topics":["t"],"config":{"auto.offset.reset":"earliest"}},
              {"name":"slow","topics":["t"],"config":{"auto.offset.reset":"earliest"}}],
            "faults":[{"at":"4s","do":"pause","target":"consumer slow","for":"20s"}],"until":"40s"})");
        run.to_the_end();
        return run.ledger.compaction.tables;
    };
    const std::vector<TableSummary> missed = tables("3000");
    CHECK(missed[0].deleted_kept == 0);
    CHECK(missed[0].right == 15);
    CHECK(missed[1].deleted_kept == 3);
    CHECK(missed[1].right == 12);
    CHECK(tables("86400000")[1].deleted_kept == 0);
}

TEST_CASE("compaction: a corrupt batch costs the cleaner a partition, before 2.1 its thread (KIP-346)") {
    const auto failures = [](const std::string& release) {
        std::string text =
            compacted(R"({"at":"1500ms","do":"corrupt","target":"broker 1","partition":"t-0","offset":50})");
        text.insert(1, R"("release":")" + release + R"(",)");
        Driven run(text);
        run.to_the_end();
        const auto all = run.all<fact::CleanerFailed>();
        REQUIRE(all.size() == 1);
        CHECK(run.all<fact::LogCleaned>([](const auto& f) { return f.broker == Driven::slot(1); }).empty());
        CHECK(!run.all<fact::LogCleaned>([](const auto& f) { return f.broker == Driven::slot(2); }).empty());
        return all.front().second.thread_died;
    };
    CHECK(!failures("4.3"));
    CHECK(failures("2.0"));
}

// Goal: before 3.1 a leader cleans what is not committed (KAFKA-13194).
// 1. A follower stands still and holds the high watermark back. 2. The leader writes newer values of the keys
// and its cleaner removes the older, committed ones. 3. It is cut off, and a follower that never had the
// newer values leads. 4. The old leader cuts what it alone had: now it has no value of these keys at all.
TEST_CASE("compaction: since 3.1 the cleaner stops at the high watermark") {
    const auto cleaned_beyond = [](const std::string& release) {
        std::string text = compacted(R"({"at":"4s","do":"cut","between":["broker 1","broker 2"]},
            {"at":"4s","do":"cut","between":["broker 1","broker 3"]})",
                                     R"("consumers":[],)");
        text.insert(1, R"("release":")" + release + R"(",)");
        text.replace(text.find(R"("acks":"all")"), 12, R"("acks":"1")");
        Driven run(text);
        bool beyond = false;
        while (run.next())
            beyond = beyond ||
                     (run.log(1).cleaning.checkpoint > run.replica(1).high_watermark &&
                      run.log(1).cleaning.checkpoint != no_offset && is_running(run.world, Driven::slot(1)));
        return beyond;
    };
    CHECK(cleaned_beyond("3.0"));
    CHECK(!cleaned_beyond("3.1"));
    CHECK(!cleaned_beyond("4.3"));
}

// Goal: transactions, of which each third is aborted, beside a plain producer with some of the same keys;
// leaders die, and a disk is lost. What is committed stays whole, and late readers get the last values.
TEST_CASE("compaction: transactions stay whole, and aborted records go for good") {
    for (const char* release : {"4.3", "3.0", "2.4"}) {
        const Judged run = judged_run(R"({"release":")" + std::string(release) + R"(",
            "config":{"log.cleaner.backoff.ms":1000},
            "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
              "config":{"min.insync.replicas":2,"cleanup.policy":"compact","segment.ms":1000,
                        "delete.retention.ms":3000,"min.cleanable.dirty.ratio":0.1}}],
            "producers":[{"name":"tx","topic":"t",
               "records":{"count":1000,"rate":100,"key":{"count":30,"tombstone_every":7}},
               "config":{"transactional.id":"a"},"application":{"transaction_records":20,"abort_every":3}},
              {"name":"plain","topic":"t","config":{"acks":"all"},
               "records":{"count":1000,"rate":100,"key":{"first":20,"count":20}}}],
            "consumers":[{"name":"live","topics":["t"],
                "config":{"auto.offset.reset":"earliest","isolation.level":"read_committed"}},
              {"name":"late","topics":["t"],"start":"25s",
                "config":{"auto.offset.reset":"earliest","isolation.level":"read_committed"}}],
            "faults":[{"at":"4s","do":"crash","target":"leader of t-0","for":"4s"},
                      {"at":"20s","do":"wipe_disk","target":"broker 3","for":"2s"}],
            "until":"50s"})");
        CHECK(run.ledger.streams[0].compacted + run.ledger.streams[1].compacted > 500);
        for (const StreamSummary& stream : run.ledger.streams)
            CHECK(stream.lost == 0);
        CHECK(run.ledger.transactions.totals.torn == 0);
        CHECK(run.ledger.transactions.totals.missing == 0);
        CHECK(run.ledger.transactions.totals.aborted_visible == 0);
        CHECK(run.ledger.consumers[1].unread == 0);
        CHECK(run.ledger.consumers[1].aborted_read == 0);
        CHECK(run.ledger.compaction.tables[1].keys == run.ledger.compaction.tables[1].right);
        for (const char* name : {"acknowledged_records_survive", "compaction_keeps_the_latest_value",
                                 "replication_protocol", "only_committed_records_are_read"})
            CHECK_MESSAGE(state_of(run, name) == GuaranteeState::held, release << ": " << std::string(name));
    }
}

TEST_CASE(
    "compaction: without the cleaner nothing goes, and max.compaction.lag.ms rolls files and overrules") {
    std::string off = compacted("");
    off.insert(off.find(R"("log.cleaner.backoff.ms")"), R"("log.cleaner.enable":false,)");
    Driven without(off);
    without.to_the_end();
    CHECK(without.all<fact::LogCleaned>().empty());
    const auto cleaned = [](const std::string& settings) {
        std::string text = compacted("");
        text.replace(text.find(R"("segment.ms":1000)"), 17, settings);
        Driven run(text);
        run.to_the_end();
        return run.all<fact::LogCleaned>().size();
    };
    const std::string never = R"("min.cleanable.dirty.ratio":1)"; // no share is greater
    CHECK(cleaned(never + R"(,"segment.ms":1000)") == 0);
    CHECK(cleaned(never + R"(,"max.compaction.lag.ms":3000)") >= 6);
    CHECK(cleaned(never) == 0); // one file of a week
}

TEST_CASE("compaction: what one replica's cleaner has removed is not unread when another one still has it") {
    // 1. Broker 2 does not clean. 2. A reader comes late, and is given what broker 1 has left. 3. Broker 1
    // dies, and broker 2 leads with all that was written.
    std::string text =
        compacted(R"({"at":"26s","do":"crash","target":"broker 1"})",
                  R"("brokers":[{"id":1},{"id":2,"config":{"log.cleaner.enable":false}},{"id":3}],
           "consumers":[{"name":"late","topics":["t"],"start":"24s",
                         "config":{"auto.offset.reset":"earliest"}}],)");
    text.replace(text.find(R"("until":"30s")"), 13, R"("until":"45s")");
    const Judged run = judged_run(text);
    CHECK(run.ledger.consumers[0].read < 1000);
    CHECK(run.ledger.consumers[0].unread == 0);
    CHECK(run.ledger.streams[0].compacted == 0); // the final log has everything
}

TEST_CASE("compaction: what has expired or was superseded has not vanished for those who read it") {
    std::string both = two_loads("", R"(,"retention.ms":5000)");
    both.replace(both.find(R"("cleanup.policy":"compact")"), 26, R"("cleanup.policy":"compact,delete")");
    both.insert(1,
                R"("consumers":[{"name":"view","topics":["t"],"config":{"auto.offset.reset":"earliest"}}],)");
    const Judged run = judged_run(both);
    CHECK(run.ledger.streams[0].expired > 0);
    CHECK(run.ledger.consumers[0].read == 1700);
    CHECK(state_of(run, "read_records_survive") == GuaranteeState::held);
}

TEST_CASE("compaction: with log.cleaner.backoff.ms=0 the cleaner looks all the time, and time goes on") {
    std::string text = compacted("");
    const std::string backoff = R"("log.cleaner.backoff.ms":1000)";
    text.replace(text.find(backoff), backoff.size(), R"("log.cleaner.backoff.ms":0)");
    Driven run(text);
    run.to_the_end();
    CHECK(run.all<fact::LogCleaned>().size() > 10);
    CHECK(run.ledger.streams[0].acknowledged == 2000);
}
