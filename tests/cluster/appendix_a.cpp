// Appendix A of the semantics reference: its check traces on whole clusters. The rules behind A1, A3, A5, A6
// and A7 as pure functions are in tests/replication/leader.cpp, those behind A4 in tests/control. Where real
// clusters (reference/real) and the appendix differ, the clusters win; each place says so.

#include "tests/cluster/driven.hpp"

using namespace kafka;
using cluster_test::Driven;

namespace {

constexpr std::int64_t second = 1000; // times are told in milliseconds

bool within(std::int64_t value, std::int64_t low, std::int64_t high) { return low <= value && value <= high; }

/// `text` with `value` wherever `word` stands.
std::string with(std::string text, const std::string& word, const std::string& value) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size()))
        text.replace(at, word.size(), value);
    return text;
}

/// A scenario of one partition t-0, `rest` are its producers, faults and so on.
std::string text(const std::string& assignment, const std::string& topic_config, const std::string& rest) {
    const std::string whole = R"(
        {
            "release": "3.9",
            "topics": [{"name": "t", "assignment": [ASSIGNMENT], "config": {CONFIG}}],
            REST
        })";
    return with(with(with(whole, "ASSIGNMENT", assignment), "CONFIG", topic_config), "REST", rest);
}

} // namespace

TEST_CASE("appendix A1: what a real leader keeps of its followers' fetches follows the trace") {
    // The trace itself is a pure function: "leader: A1" in tests/replication/leader.cpp. Here: with records
    // every millisecond a follower is never at the end, and never far behind; the fetch before the last must
    // count.
    Driven run(text("[1, 2, 3]", "", R"(
        "producers": [{"name": "p", "topic": "t", "records": {"count": 60000, "rate": 1000}}])"));
    run.to_the_end();
    CHECK(run.all<fact::IsrProposed>().empty());
    CHECK(run.ledger.streams[0].acknowledged == 60000);
}

TEST_CASE(
    "appendix A2: the answer waits for the follower's next fetch, the follower's high watermark for one "
    "more answer") {
    Driven run(text("[1, 2]", "", R"("brokers": 2,
        "producers": [{"name": "p", "topic": "t", "start": "2s", "records": {"count": 1, "rate": 1}}])"));
    REQUIRE(run.until([&] { return run.log(2).log_end_offset == Offset{1}; }));
    CHECK(run.replica(1).high_watermark == Offset{0}); // the record travelled with the old high watermark
    CHECK(run.replica(2).high_watermark == Offset{0});
    CHECK(run.all<fact::ProduceAnswered>().empty());
    REQUIRE(run.until([&] { return run.replica(1).high_watermark == Offset{1}; }));
    CHECK(run.replica(2).high_watermark == Offset{0});
    CHECK(run.all<fact::ProduceAnswered>().size() == 1); // answered in the same event
    const sim::SimTime answered = run.world.kernel.now;
    REQUIRE(run.until([&] { return run.replica(2).high_watermark == Offset{1}; }));
    CHECK(run.world.kernel.now - answered <= sim::milliseconds(510)); // replica.fetch.wait.max.ms and the way
}

TEST_CASE(
    "appendix A2: the leader dies in between; the new one has the record and learns that it is committed") {
    const std::string load = R"(
        "producers": [{"name": "p", "topic": "t", "start": "2s", "records": {"count": 1, "rate": 1}}],
        "faults": [{"when": {"high_watermark": {"partition": "t-0", "at_least": 1}}, "do": "crash",
                    "target": "leader of t-0"}])";
    const auto elected = [](const fact::BecameLeader& f) { return f.leader_epoch == Epoch{1}; };
    const auto moved = [](const fact::HighWatermarkMoved& f) {
        return f.as_leader && f.leader_epoch == Epoch{1};
    };
    {
        // The only member of the ISR: within the event that makes it leader.
        Driven run(text("[1, 2]", "", R"("brokers": 2,)" + load));
        run.to_the_end();
        const auto leaders = run.all<fact::BecameLeader>(elected);
        REQUIRE(leaders.size() == 1);
        CHECK(leaders[0].second.broker == Driven::slot(2));
        CHECK(leaders[0].second.log_end_offset == Offset{1});
        const auto moves = run.all<fact::HighWatermarkMoved>(moved);
        REQUIRE(!moves.empty());
        CHECK(moves[0].first == leaders[0].first);
        CHECK(moves[0].second.high_watermark == Offset{1});
    }
    // Another member: when that one fetches.
    Driven run(text("[1, 2, 3]", "", load));
    run.to_the_end();
    const auto leaders = run.all<fact::BecameLeader>(elected);
    REQUIRE(leaders.size() == 1);
    CHECK(leaders[0].second.high_watermark == Offset{0});
    CHECK(leaders[0].second.log_end_offset == Offset{1});
    const auto moves = run.all<fact::HighWatermarkMoved>(moved);
    REQUIRE(!moves.empty());
    CHECK(moves[0].first > leaders[0].first);
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE("appendix A3: a follower that loses only its replication link is removed after 30 to 45 s") {
    // Goal: heartbeats go on, so that only the lag counts; what waits ends in REQUEST_TIMED_OUT, and the
    // repeat is answered as a duplicate (idempotent) or appended again (not idempotent). Real 4.3.1
    // (R17): 30.3 to 40.2 s.
    const auto run_with = [](const char* idempotent) {
        const std::string rest = R"(
            "producers": [{"name": "p", "topic": "t", "records": {"count": 40000, "rate": 1000},
                           "config": {"enable.idempotence": IDEMPOTENT}}],
            "faults": [{"at": "6s", "do": "cut", "between": ["broker 2", "broker 1"], "how": "stall",
                        "listener": "replication", "for": "60s"}])";
        Driven run(text("[1, 2, 3]", R"("min.insync.replicas": 2)", with(rest, "IDEMPOTENT", idempotent)));
        run.to_the_end();
        CHECK(within(run.change_ms(ChangeCause::isr_shrink), 36 * second, 51 * second));
        CHECK(run.all<fact::PartitionChanged>(
                     [](const auto& f) { return f.cause == ChangeCause::broker_fenced; })
                  .empty());
        CHECK(run.ledger.streams[0].lost == 0);
        CHECK(!run.all<fact::ProduceRetried>().empty());
        return std::pair(run.all<fact::DuplicateDetected>().size(), run.ledger.streams[0].duplicated);
    };
    const auto idempotent = run_with("true");
    CHECK(idempotent.first > 0);
    CHECK(idempotent.second == 0);
    const auto plain = run_with("false");
    CHECK(plain.first == 0);
    CHECK(plain.second > 0);
}

TEST_CASE("appendix A4: a crashed broker is fenced 7 to 9 s later; the same record elects and shrinks") {
    // Real clusters (R02, R03): 8.0 to 9.8 s from the kill to the new leader, because the controller looks at
    // its sessions only so often; the upper end is theirs.
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        Driven run(text("[1, 2, 3]", R"("min.insync.replicas": 2)", R"(
            "producers": [{"name": "p", "topic": "t", "records": {"count": 30000, "rate": 1000}}],
            "faults": [{"at": "8s", "do": "crash", "target": "leader of t-0"}])"),
                   seed);
        run.to_the_end();
        const auto changes = run.all<fact::PartitionChanged>(
            [](const auto& f) { return f.cause == ChangeCause::broker_fenced; });
        REQUIRE(changes.size() == 1);
        CHECK(within(changes[0].first.micros / 1000, 15 * second, 18 * second));
        CHECK(changes[0].second.leader == Driven::slot(2));
        CHECK(changes[0].second.isr == Driven::set({2, 3}));
        CHECK(changes[0].second.leader_epoch == Epoch{1});
        CHECK(run.ledger.streams[0].lost == 0);
    }
}

TEST_CASE("appendix A4: what waits for a crashed follower succeeds when it is fenced, without an error") {
    Driven run(text("[1, 2, 3]", R"("min.insync.replicas": 2)", R"(
        "producers": [{"name": "p", "topic": "t", "records": {"count": 30000, "rate": 1000}}],
        "faults": [{"at": "8s", "do": "crash", "target": "broker 3"}])"));
    run.to_the_end();
    const std::int64_t fenced = run.change_ms(ChangeCause::broker_fenced);
    CHECK(within(fenced, 15 * second, 18 * second));
    CHECK(run.all<fact::ProduceRetried>().empty());
    CHECK(run.ledger.streams[0].acknowledged == 30000);
    CHECK(within(run.ledger.producers[0].longest_gap.micros / 1000, fenced - 8 * second - 50,
                 fenced - 8 * second + 200));
}

TEST_CASE(
    "appendix A5: a follower that is cut off while nothing is written stays in the ISR until something is") {
    Driven run(text("[1, 2, 3]", "", R"(
        "producers": [{"name": "early", "topic": "t", "start": "1s", 
                       "records": {"count": 1000, "rate": 1000}},
                      {"name": "late", "topic": "t", "start": "120s",
                       "records": {"count": 100, "rate": 100}}],
        "faults": [{"at": "6s", "do": "cut", "between": ["broker 2", "broker 1"], "how": "stall",
                    "listener": "replication", "for": "150s"}],
        "until": "145s")"));
    run.to_the_end();
    // It was last caught up long ago: the tick after the first append removes it, 30 s need not pass again.
    CHECK(within(run.change_ms(ChangeCause::isr_shrink), 120 * second, 136 * second));
}

namespace {

/// Followers gone, then one record each with acks=1 and acks=all.
std::string below_min_isr(const char* release) {
    const std::string whole = R"(
        {
            "release": "RELEASE",
            "topics": [{"name": "t", "assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2}}],
            "producers": [
                {"name": "before", "topic": "t", "start": "1s", "records": {"count": 50, "rate": 50}},
                {"name": "one", "topic": "t", "start": "30s", "records": {"count": 1, "rate": 1},
                 "config": {"acks": "1", "enable.idempotence": false}},
                {"name": "all", "topic": "t", "start": "32s", "records": {"count": 1, "rate": 1},
                 "config": {"delivery.timeout.ms": 10000, "request.timeout.ms": 5000}}],
            "faults": [{"at": "5s", "do": "stop", "target": "broker 2"},
                       {"at": "15s", "do": "stop", "target": "broker 3"},
                       {"at": "60s", "do": "start", "target": "broker 2"}]
        })";
    return with(whole, "RELEASE", release);
}

} // namespace

TEST_CASE(
    "appendix A6: below min ISR acks=1 appends out of sight, acks=all is refused; the next member of the ISR "
    "brings it to light") {
    Driven run(below_min_isr("3.7"));
    REQUIRE(run.until([&] { return run.world.kernel.now >= sim::SimTime{50000000}; }));
    CHECK(run.decided().isr == Driven::set({1}));
    CHECK(run.log(1).log_end_offset == Offset{51});
    CHECK(run.replica(1).high_watermark == Offset{50}); // KAFKA-15583, 3.7
    run.to_the_end();
    CHECK(run.ledger.streams[1].acknowledged == 1);
    CHECK(run.ledger.streams[2].acknowledged == 0);
    CHECK(!run.all<fact::ProduceAnswered>(
                  [](const auto& f) { return f.error == ErrorCode::not_enough_replicas; })
               .empty());
    CHECK(run.decided().isr == Driven::set({1, 2}));
    CHECK(run.replica(1).high_watermark == Offset{51});
    CHECK(run.ledger.streams[1].lost == 0);
}

TEST_CASE("appendix A6: up to 3.6 the high watermark follows the lone leader at once") {
    Driven run(below_min_isr("3.6"));
    REQUIRE(run.until([&] { return run.world.kernel.now >= sim::SimTime{50000000}; }));
    CHECK(run.log(1).log_end_offset == Offset{51});
    CHECK(run.replica(1).high_watermark == Offset{51});
}

TEST_CASE("appendix A7: a replica that is about to join holds the high watermark back while the controller "
          "is silent") {
    // Goal: 1. Broker 3 crashes and comes back. 2. The controller dies at the moment in which the leader asks
    // to take broker 3 in. 3. Broker 3 crashes again. The leader must wait for it, may not drop it, and goes
    // on when the controller is back.
    const std::string rest = R"(
        "producers": [{"name": "p", "topic": "t", "records": {"count": 8000, "rate": 100}}],
        "faults": [{"at": "3s", "do": "crash", "target": "broker 3"},
                   {"at": "25s", "do": "start", "target": "broker 3"} MORE])";
    const auto scenario = [&](const std::string& more) {
        return text("[1, 2, 3]", R"("min.insync.replicas": 2)", with(rest, "MORE", more));
    };
    Driven undisturbed(scenario(""));
    REQUIRE(undisturbed.until([&] { return !undisturbed.all<fact::IsrProposed>().empty(); }));
    const std::int64_t proposed = undisturbed.world.kernel.now.micros;

    const std::string deaths = R"(,
                   {"at": "PROPOSED us", "do": "crash", "target": "controller", "for": "40s"},
                   {"at": "LATER us", "do": "crash", "target": "broker 3"})";
    Driven run(scenario(with(with(deaths, "PROPOSED ", std::to_string(proposed)), "LATER ",
                             std::to_string(proposed + 1000000))));
    REQUIRE(run.until([&] { return run.world.kernel.now.micros >= proposed + 3000000; }));
    const auto* leader = std::get_if<Leader>(&run.replica(1).role);
    REQUIRE(leader != nullptr);
    CHECK(std::holds_alternative<PendingExpand>(leader->isr_state));
    CHECK(leader->isr == Driven::set({1, 2}));
    const Offset stuck = run.replica(1).high_watermark;
    CHECK(run.log(1).log_end_offset > stuck);
    REQUIRE(run.until([&] { return run.world.kernel.now.micros >= proposed + 38000000; }));
    CHECK(run.replica(1).high_watermark == stuck);
    CHECK(run.log(1).log_end_offset >
          stuck); // min ISR counts the two committed members: it goes on appending
    run.to_the_end();
    CHECK(run.replica(1).high_watermark == run.log(1).log_end_offset);
    CHECK(run.decided().isr == Driven::set({1, 2}));
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE("appendix A8: an isolated leader goes on with acks=1 what nobody will keep, and learns when it is "
          "healed") {
    // Goal: broker 1 leads, is cut from controller and followers at 6 s and healed at 40 s; clients reach it.
    Driven run(text("[1, 2, 3]", R"("min.insync.replicas": 1)", R"(
        "producers": [{"name": "one", "topic": "t", "records": {"count": 30000, "rate": 1000},
                       "config": {"acks": "1", "enable.idempotence": false}},
                      {"name": "all", "topic": "t", "records": {"count": 1000, "rate": 50}}],
        "faults": [{"at": "6s", "do": "cut", "between": ["broker 1", "controller"], "for": "34s"},
                   {"at": "6s", "do": "cut", "between": ["broker 1", "broker 2"], "for": "34s"},
                   {"at": "6s", "do": "cut", "between": ["broker 1", "broker 3"], "for": "34s"}])"));
    run.to_the_end();
    const std::int64_t elected = run.change_ms(ChangeCause::broker_fenced);
    CHECK(within(elected, 13 * second, 16 * second)); // as in A4
    const auto answers = run.all<fact::ProduceAnswered>(
        [&](const auto& f) { return f.broker == Driven::slot(1) && f.error == ErrorCode::none; });
    std::int64_t late = 0; // acknowledged by the old leader after another one was elected
    for (const auto& [time, answer] : answers)
        if (time.micros / 1000 > elected && time.micros / 1000 < 40 * second) {
            CHECK(answer.acks == 1);
            late += answer.count;
        }
    CHECK(late > 0);
    CHECK(run.ledger.streams[0].lost > 0);
    CHECK(run.ledger.streams[1].lost == 0);
    const auto truncated =
        run.all<fact::LogTruncated>([](const auto& f) { return f.broker == Driven::slot(1); });
    REQUIRE(!truncated.empty());
    CHECK(truncated.front().first.micros / 1000 >= 40 * second);
    for (const auto& [time, moved] : run.all<fact::HighWatermarkMoved>())
        if (moved.broker == Driven::slot(1)) { // what consumers of the old leader may read stands still
            const bool alone = time.micros / 1000 > 6 * second + 100 && time.micros / 1000 < 40 * second;
            CHECK(!alone);
        }
}

TEST_CASE("appendix A9: after a controller fail-over the fencing timers begin anew") {
    // The one controller that exists crashes 2 s after the broker and is back 5 s later. A quorum's election
    // and the fetch time-out before it are left out: there is nobody to elect. The session counts from
    // activation.
    Driven run(text("[1, 2, 3]", R"("min.insync.replicas": 2)", R"(
        "producers": [{"name": "p", "topic": "t", "records": {"count": 40000, "rate": 1000}}],
        "faults": [{"at": "8s", "do": "crash", "target": "leader of t-0"},
                   {"at": "10s", "do": "crash", "target": "controller", "for": "5s"}])"));
    run.to_the_end();
    const std::int64_t fenced = run.change_ms(ChangeCause::broker_fenced);
    CAPTURE(fenced);
    CHECK(within(fenced, 15 * second + 9 * second, 15 * second + 5 * second + 9 * second + 500));
    CHECK(run.decided().leader == Driven::slot(2));
    CHECK(run.ledger.streams[0].lost == 0);
}
