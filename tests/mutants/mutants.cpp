// Each core rule broken on purpose, one at a time: a checker, a guarantee or an expectation must turn red,
// and the same case must be green with nothing broken. HIGHWATER_MUTANTS_TABLE=FILE gets "rule broken -> who
// caught it".

#include "tests/properties/laws.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

using namespace kafka;
using namespace properties;

namespace {

struct Mutant {
    BrokenRule rule{};
    const char* name = "";
    Release release = newest_release; // of generated cases
    const char* scenario = nullptr;   // a case of its own; else the generator's are tried in order
    int most_seeds = 400;
};

/// A leader that dies for good: whoever has a say must see to it.
const char* const dead_leader = R"({"release": "4.3", "brokers": 3,
  "topics": [{"name": "orders", "assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2}}],
  "producers": [{"name": "shop", "records": {"count": 300, "rate": 20},
    "config": {"delivery.timeout.ms": 31000}}],
  "faults": [{"at": "5s", "do": "crash", "target": "leader of orders-0"}], "until": "90s",
  "expect": [{"that": "partitions.orders-0.leader", "is": 2, "at": "20s"}]})";

/// Both followers are out of reach for longer than they may lag.
const char* const lonely_leader =
    R"({"release": "4.3", "brokers": 3, "config": {"replica.lag.time.max.ms": 2000},
  "topics": [{"name": "orders", "assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2}}],
  "producers": [{"name": "shop", "records": {"count": 400, "rate": 20},
    "config": {"linger.ms": 0, "request.timeout.ms": 1000, "delivery.timeout.ms": 4000}}],
  "faults": [{"at": "3s", "do": "cut", "between": ["broker 1", "broker 2"], "for": "12s"},
             {"at": "3s", "do": "cut", "between": ["broker 1", "broker 3"], "for": "12s"}], "until": "60s",
  "expect": [{"that": "producers.shop.retried_errors.NotEnoughReplicasException", "at_least": 1},
             {"that": "producers.shop.failed.TimeoutException", "at_least": 1},
             {"that": "records.acknowledged", "at_least": 120}]})";

/// The last records of ten keys lie in files that are cleaned.
const char* const two_loads_of_keys =
    R"({"release": "4.3", "brokers": 3, "config": {"log.cleaner.backoff.ms": 1000},
  "topics": [{"name": "users", "assignment": [[1, 2, 3]],
    "config": {"min.insync.replicas": 2, "cleanup.policy": "compact", "segment.ms": 1000}}],
  "producers": [
    {"name": "early", "topic": "users", "records": {"count": 300, "rate": 100, "key": {"count": 10}}},
    {"name": "late", "topic": "users", "start": "4s",
     "records": {"count": 600, "rate": 100, "key": {"first": 1000, "count": 100}}}],
  "until": "20s",
  "expect": [{"that": "partitions.users-0.compaction.stale", "is": 0}]})";

/// One follower after the other leaves in good order; the second finds the ISR below min.insync.replicas.
const char* const shrinking = R"({"release": "4.3", "brokers": 3,
  "topics": [{"name": "orders", "assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2}}],
  "producers": [{"name": "shop", "records": {"count": 100, "rate": 20}}],
  "faults": [{"at": "3s", "do": "stop", "target": "broker 2"},
             {"at": "8s", "do": "stop", "target": "broker 3"}],
  "until": "30s",
  "expect": [{"that": "partitions.orders-0.elr", "is": [3], "at": "25s"}]})";

/// A leader dies with five requests in flight and more batches waiting: what was in flight comes first again.
const char* const interrupted = R"({"release": "4.3", "brokers": 3,
  "topics": [{"name": "orders", "assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2}}],
  "producers": [{"name": "shop", "records": {"count": 600, "rate": 60},
    "config": {"linger.ms": 0, "batch.size": 200}}],
  "faults": [
    {"at": "1s", "do": "slow", "between": ["producer shop", "broker 1"], "latency": "100ms", "for": "60s"},
    {"at": "5s", "do": "crash", "target": "broker 1"}],
  "until": "90s", "expect": [{"that": "records.acknowledged", "is": 600},
                             {"that": "producers.shop.epoch_bumps", "is": 0},
             {"that": "producers.shop.retried_errors.OutOfOrderSequenceException", "is": 0}]})";

/// Voters that lose their leader at the same moment run against each other.
constexpr const char* split_votes = R"({"metadata": {"type": "kraft", "controllers": 5}, "release": "3.9",
  "config": {"controller.quorum.election.timeout.ms": 20},
  "network": {"latency": {"p50": "4ms", "p99": "8ms", "max": "12ms"}},
  "topics": [{"name": "orders"}],
  "faults": [{"at": "3s", "do": "crash", "target": "controller", "for": "5s"},
             {"at": "13s", "do": "crash", "target": "controller", "for": "5s"},
             {"at": "23s", "do": "crash", "target": "controller"}], "until": "35s"})";
/// A voter that was away runs for leader as soon as it is back, and the others have lost theirs.
constexpr const char* lagging_voter = R"({"metadata": {"type": "kraft", "controllers": 3}, "release": "3.9",
  "config": {"controller.quorum.election.timeout.ms": 50},
  "topics": [{"name": "orders"}],
  "faults": [{"at": "2s", "do": "cut", "between": ["controller 103", "controller 101"], "for": "8s"},
             {"at": "2s", "do": "cut", "between": ["controller 103", "controller 102"], "for": "8s"},
             {"at": "3s", "do": "set", "target": "topic orders", "config": {"min.insync.replicas": 2}},
             {"at": "9900ms", "do": "crash", "target": "controller"}], "until": "30s"})";

/// A member sleeps longer than its session and wakes up with records in its hands.
constexpr const char* zombie_member = R"({"release": "4.3", "brokers": 1,
  "config": {"group.initial.rebalance.delay.ms": 0}, "topics": [{"name": "orders", "assignment": [[1], [1]]}],
  "producers": [{"name": "shop", "records": {"count": 2500, "rate": 200}}],
  "consumers": [{"name": "c", "group": "g", "members": 2,
    "config": {"enable.auto.commit": false, "auto.offset.reset": "earliest", "session.timeout.ms": 6000,
               "heartbeat.interval.ms": 1000, "max.poll.records": 50},
    "application": {"commit": "after-processing", "process_time": "9ms"}}],
  "faults": [{"at": "5s", "do": "pause", "target": "consumer c/1", "for": "10s"}], "until": "40s"})";
/// The same, with an application that never commits: only heartbeats tell it.
constexpr const char* zombie_without_commits = R"({"release": "4.3", "brokers": 1,
  "config": {"group.initial.rebalance.delay.ms": 0}, "topics": [{"name": "orders", "assignment": [[1], [1]]}],
  "producers": [{"name": "shop", "records": {"count": 2500, "rate": 200}}],
  "consumers": [{"name": "c", "group": "g", "members": 2,
    "config": {"enable.auto.commit": false, "auto.offset.reset": "earliest", "session.timeout.ms": 6000,
               "heartbeat.interval.ms": 1000}, "application": {"commit": "none"}}],
  "faults": [{"at": "5s", "do": "pause", "target": "consumer c/1", "for": "10s"}], "until": "40s",
  "expect": [{"that": "consumers.c.partitions_lost", "at_least": 1}]})";
/// A second process joins a group of the consumer protocol while the first one has records in its hands.
constexpr const char* second_member = R"({"release": "4.3", "brokers": 1,
  "config": {"group.initial.rebalance.delay.ms": 0},
  "topics": [{"name": "orders", "assignment": [[1], [1], [1], [1]]}],
  "producers": [{"name": "shop", "records": {"count": 2500, "rate": 200}}],
  "consumers": [
    {"name": "first", "group": "g", "config": {"group.protocol": "consumer", "auto.offset.reset": "earliest"},
     "application": {"process_time": "4ms"}},
    {"name": "second", "group": "g", "start": "6s",
     "config": {"group.protocol": "consumer", "auto.offset.reset": "earliest"},
        "application": {"process_time": "4ms"}}],
  "until": "30s"})";
/// The coordinator dies; the next one reads what is committed.
constexpr const char* lost_coordinator = R"({"release": "4.3", "brokers": 3,
  "config": {"group.initial.rebalance.delay.ms": 0}, "topics": [{"name": "orders"}],
  "producers": [{"name": "shop", "records": {"count": 1500, "rate": 100}}],
  "consumers": [{"name": "c", "group": "g", "config": {"auto.commit.interval.ms": 500,
        "auto.offset.reset": "earliest"},
    "application": {"process_time": "2ms"}}],
  "faults": [{"at": "6s", "do": "crash", "target": "coordinator of g", "for": "5s"}],
  "until": "60s"})";
/// Transactions that are aborted or open for a while, and a reader that must see neither.
constexpr const char* transactions = R"({"release": "4.3", "brokers": 3,
  "topics": [{"name": "orders", "replication.factor": 3}],
  "producers": [{"name": "shop", "start": "1s", "records": {"count": 1000, "rate": 200},
    "config": {"transactional.id": "shop"},
    "application": {"transaction_records": 50, "abort_every": 3, "commit_after": "200ms"}}],
  "consumers": [{"name": "careful", "config": {"auto.offset.reset": "earliest",
      "isolation.level": "read_committed"}}],
  "until": "20s",
  "expect": [{"that": "consumers.careful.aborted_read", "is": 0},
             {"that": "consumers.careful.undecided_read", "is": 0}]})";
/// A copy whose process dies again and again between two commits.
constexpr const char* copying = R"({"release": "4.3", "brokers": 3,
  "config": {"group.initial.rebalance.delay.ms": 0},
  "topics": [{"name": "orders", "replication.factor": 3}, {"name": "paid", "replication.factor": 3}],
  "producers": [{"name": "shop", "topic": "orders", "start": "1s", "records": {"count": 1000, "rate": 200}}],
  "consumers": [{"name": "copier", "topics": ["orders"], "group": "copier",
    "config": {"auto.offset.reset": "earliest", "enable.auto.commit": false,
        "isolation.level": "read_committed",
               "session.timeout.ms": 6000, "max.poll.records": 50},
    "application": {"commit": "after-processing", "process_time": "5ms",
                    "output": {"topic": "paid", "config": {"transactional.id": "copier"}}}}],
  "faults": [{"at": "5s", "do": "crash", "target": "consumer copier", "for": "1s"}],
  "until": "60s",
  "expect": [{"that": "consumers.copier.results.duplicated", "is": 0}]})";
/// Followers are out of reach for longer than records are kept.
constexpr const char* old_records = R"({"release": "4.3", "brokers": 3,
  "config": {"log.retention.check.interval.ms": 1000, "log.initial.task.delay.ms": 1000},
  "topics": [{"name": "orders", "assignment": [[1, 2, 3]],
              "config": {"retention.ms": 2000, "segment.ms": 500}}],
  "producers": [{"name": "shop", "records": {"count": 400, "rate": 40}, "config": {"acks": "1"}}],
  "faults": [{"at": "3s", "do": "cut", "between": ["broker 1", "broker 2"], "for": "9s"},
             {"at": "3s", "do": "cut", "between": ["broker 1", "broker 3"], "for": "9s"}],
  "until": "40s", "expect": [{"that": "records.lost", "is": 0}]})";
/// A producer that stood still, and its successor.
constexpr const char* fenced_producer = R"({"release": "4.3", "brokers": 3,
  "topics": [{"name": "orders", "replication.factor": 3}],
  "producers": [
    {"name": "first", "start": "1s", "records": {"count": 2000, "rate": 200},
        "config": {"transactional.id": "shop"},
     "application": {"transaction_records": 100}},
    {"name": "second", "start": "6s", "records": {"count": 500, "rate": 200},
        "config": {"transactional.id": "shop"}}],
  "faults": [{"at": "4s", "do": "pause", "target": "producer first", "for": "10s"}],
  "until": "30s",
  "expect": [{"that": "producers.first.transactions.fenced", "is": 1}]})";

const std::vector<Mutant>& mutants() {
    static const std::vector<Mutant> all{
        {BrokenRule::skip_truncation, "skip truncation"},
        {BrokenRule::truncate_one_batch_too_few, "truncate one batch too few", Release::v2_6},
        {BrokenRule::truncate_one_batch_too_many, "truncate one batch too many"},
        {BrokenRule::high_watermark_not_clamped, "high watermark not clamped after truncation"},
        {BrokenRule::producer_state_not_rebuilt, "producer state not rebuilt after truncation", Release::v4_3,
         nullptr, 1500},
        {BrokenRule::high_watermark_counts_any_replica, "count a non-ISR replica for the high watermark"},
        {BrokenRule::high_watermark_ignores_joining, "ignore the pending expansion"},
        {BrokenRule::high_watermark_ignores_leaving, "ignore the pending shrink"},
        {BrokenRule::follower_takes_leader_end, "follower takes its end for the high watermark"},
        {BrokenRule::elect_out_of_isr, "elect out of the ISR"},
        {BrokenRule::unclean_without_permission, "unclean election without permission"},
        {BrokenRule::leader_epoch_not_bumped, "do not bump the leader epoch"},
        {BrokenRule::acknowledge_before_high_watermark, "acknowledge before the high watermark"},
        {BrokenRule::min_isr_not_checked_before_append, "ignore min ISR before the append", Release::v4_3,
         lonely_leader},
        {BrokenRule::min_isr_not_checked_after_append, "ignore min ISR after the append", Release::v3_6},
        {BrokenRule::consumers_read_to_the_end, "let a consumer read past the high watermark"},
        {BrokenRule::brokers_are_never_fenced, "forget fencing", Release::v4_3, dead_leader},
        {BrokenRule::isr_kept_at_unclean_shutdown, "keep the ISR at an unclean shutdown"},
        {BrokenRule::eligible_replicas_keep_the_unclean, "ELR keeps a replica that lost data", Release::v4_3,
         nullptr, 1500},
        {BrokenRule::eligible_replicas_forgotten, "ELR forgets", Release::v4_3, shrinking},
        {BrokenRule::broker_epoch_reused, "reuse the broker epoch"},
        {BrokenRule::stale_partition_epoch_accepted, "accept AlterPartition with a stale partition epoch",
         Release::v4_3, nullptr, 1500},
        {BrokenRule::stale_leader_epoch_accepted, "accept a stale leader epoch on fetch", Release::v2_6,
         nullptr, 1500},
        {BrokenRule::join_before_epoch_start, "expand the ISR without the epoch rule"},
        {BrokenRule::join_before_high_watermark, "expand the ISR below the high watermark"},
        {BrokenRule::isr_settled_before_answer, "act on a shrink that is not agreed"},
        {BrokenRule::producer_state_forgotten, "forget producer state at a restart"},
        {BrokenRule::duplicates_not_detected, "no duplicate check"},
        {BrokenRule::sequences_not_checked, "sequence check off", Release::v4_3, interrupted, 20},
        {BrokenRule::retries_out_of_order, "retry without order", Release::v4_3, interrupted, 20},
        {BrokenRule::epoch_not_bumped, "epoch bump not done", Release::v4_3, lonely_leader},
        {BrokenRule::delivery_timeout_ignored, "delivery timeout ignored", Release::v4_3, lonely_leader},
        {BrokenRule::vote_given_twice, "a voter votes twice", Release::v3_9, split_votes, 60},
        {BrokenRule::votes_ignore_the_log, "votes ignore the log", Release::v3_9, lagging_voter, 60},
        {BrokenRule::metadata_committed_by_the_leader_alone, "metadata committed by the leader alone",
         Release::v4_3, lagging_voter, 20},
        {BrokenRule::stale_commits_accepted, "commits of fenced members are accepted", Release::v4_3,
         zombie_member, 20},
        {BrokenRule::partitions_given_before_released, "a partition is given before it is released",
         Release::v4_3, second_member, 20},
        {BrokenRule::fenced_members_go_on, "heartbeats of expelled members are accepted", Release::v4_3,
         zombie_without_commits, 20},
        {BrokenRule::offsets_not_loaded, "the next coordinator forgets offsets", Release::v4_3,
         lost_coordinator, 5},
        {BrokenRule::automatic_commit_of_fresh_polls, "auto-commit ahead of processing", Release::v4_3,
         lost_coordinator, 5},
        {BrokenRule::aborted_records_delivered, "deliver aborted records under read_committed", Release::v4_3,
         transactions, 5},
        {BrokenRule::last_stable_offset_ignored, "ignore the last stable offset", Release::v4_3, transactions,
         5},
        {BrokenRule::offsets_left_out_of_transaction, "leave offsets out of the transaction", Release::v4_3,
         copying, 5},
        {BrokenRule::old_epochs_not_fenced, "forget to fence the old epoch", Release::v4_3, fenced_producer,
         5},
        {BrokenRule::retention_ignores_high_watermark, "retention removes what is not committed",
         Release::v4_3, old_records, 5},
        {BrokenRule::cleaner_keeps_the_first, "the cleaner keeps the first record of a key", Release::v4_3,
         two_loads_of_keys, 5},
    };
    return all;
}

void break_rule(Configuration& configuration, BrokenRule rule) {
    configuration.controller_dialect.broken = rule;
    for (BrokerConfiguration& broker : configuration.brokers)
        broker.dialect.broken = rule;
    // The sequence check guards against clients that send out of order; ours does not unless it is broken
    // too.
    const bool disordered = rule == BrokenRule::sequences_not_checked;
    for (ProducerConfiguration& producer : configuration.producers)
        producer.dialect.broken = disordered ? BrokenRule::retries_out_of_order : rule;
    for (ConsumerConfiguration& consumer : configuration.consumers)
        consumer.dialect.broken = rule;
}

/// Everything that is red: laws, then invariants by name, then expectations.
std::vector<std::string> red(const Json& scenario, std::uint64_t seed, bool strict, BrokenRule rule,
                             const SettingTables& tables) {
    const bool own = scenario.contains("expect");
    const Ran ran =
        run_case(scenario, seed, tables, [&](Configuration& changed) { break_rule(changed, rule); });
    std::vector<std::string> all = ran.broken;
    if (!ran.outcome) return all;
    for (const auto& [invariant, count] : ran.outcome->invariants.counts())
        if (count > 0) all.push_back("invariant " + invariant);
    for (const std::string& law : broken_laws(*ran.outcome, strict))
        if (!own || law.find("in sync after") == std::string::npos) all.push_back(law); // no time to heal
    std::vector<std::string> problems;
    const Json verdict = highwater::verdict_of(*ran.outcome, problems);
    for (const Json& expectation : verdict["expectations"])
        if (!expectation["held"].get<bool>())
            all.push_back("expectation " + expectation["that"].get<std::string>() + " " +
                          expectation["wanted"].get<std::string>());
    return all;
}

/// The case and the seed that show the mutant, or nothing.
struct Caught {
    std::string by;
    std::uint64_t seed = 0;
    std::vector<std::string> when_nothing_is_broken;
};

std::optional<Caught> hunt(const Mutant& mutant, const SettingTables& tables) {
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(mutant.most_seeds); ++seed) {
        Case made;
        if (mutant.scenario != nullptr)
            made.scenario = Json::parse(mutant.scenario);
        else
            made = generate(seed, Wish{mutant.release, true, seed % 2 == 0});
        const std::vector<std::string> found = red(made.scenario, seed, made.strict, mutant.rule, tables);
        if (found.empty()) continue;
        return Caught{found.front(), seed, red(made.scenario, seed, made.strict, BrokenRule::none, tables)};
    }
    return std::nullopt;
}

} // namespace

TEST_CASE("mutants: every broken rule is caught, and nothing is red when none is broken") {
    const SettingTables tables;
    std::string table;
    for (const Mutant& mutant : mutants()) {
        const std::optional<Caught> caught = hunt(mutant, tables);
        const std::string by = caught ? caught->by.substr(0, 90) : std::string("NOBODY");
        table += fmt::format("{:52} -> {} (seed {})\n", mutant.name, by, caught ? caught->seed : 0);
        CHECK_MESSAGE(caught, "survives: " << std::string(mutant.name));
        if (caught && !caught->when_nothing_is_broken.empty())
            FAIL_CHECK(std::string(mutant.name)
                       << ": red without it too: " << caught->when_nothing_is_broken.front());
    }
    CHECK(mutants().size() == static_cast<std::size_t>(BrokenRule::count) - 1);
    if (const char* file = std::getenv("HIGHWATER_MUTANTS_TABLE")) std::ofstream(file) << table;
}
