// Members of the consumer protocol (KIP-848), in small clusters.

#include "tests/client/group_run.hpp"

#include <algorithm>

using namespace kafka;
using kafka::test::GroupRun;

namespace {

/// A consumer with group.protocol=consumer.
std::string modern(const std::string& config, const std::string& application, const std::string& more = "") {
    return R"({"name":"c","group":"g","config":{"auto.offset.reset":"earliest","group.protocol":"consumer")" +
           config + R"(},"application":)" + application + more + "}";
}

/// The coordinator's session and heartbeat, in seconds.
std::string session(int timeout, int heartbeat) {
    const std::string t = std::to_string(timeout * 1000), h = std::to_string(heartbeat * 1000);
    return R"(,"group.consumer.min.session.timeout.ms":)" + t + R"(,"group.consumer.session.timeout.ms":)" +
           t + R"(,"group.consumer.min.heartbeat.interval.ms":)" + h +
           R"(,"group.consumer.heartbeat.interval.ms":)" + h;
}

const std::string by_hand = R"(,"enable.auto.commit":false)";
const std::string after = R"({"commit":"after-processing"})";

} // namespace

TEST_CASE("protocol: two members share the partitions and process every record once") {
    const GroupRun ran(modern(by_hand, after, R"(,"members":2)"));
    CHECK(ran.group().processed == 1000);
    CHECK(ran.group().repeats == 0);
    CHECK(ran.group().lag == 0);
    for (const Reader& reader : ran.world.readers) {
        CHECK(reader.positions.size() == 1);
        CHECK(reader.member.protocol.state == ProtocolState::stable);
        CHECK(reader.member.generation > Generation{0});
        CHECK(reader.member.protocol.heartbeat_interval == sim::seconds(5)); // from the broker
    }
}

TEST_CASE("protocol: who keeps its partition goes on reading while another one moves") {
    const std::string newcomer =
        R"({"name":"d","group":"g","start":"3s","config":{"auto.offset.reset":"earliest",
        "group.protocol":"consumer","enable.auto.commit":false},
        "application":{"commit":"after-processing"}})";
    const GroupRun ran(modern(by_hand, after) + "," + newcomer);
    CHECK(ran.group().processed == 1000);
    CHECK(ran.revoked.size() == 1); // one partition moved, the other was never given up
    CHECK(std::none_of(ran.revoked.begin(), ran.revoked.end(), [](const auto& one) { return one.lost; }));
    CHECK(ran.group().repeats == 0); // nothing was being processed
}

TEST_CASE("protocol: a killed member's partitions move when the broker's session ends") {
    const auto first_after = [](int timeout) {
        const GroupRun ran(modern(by_hand, after, R"(,"members":2)"),
                           R"({"at":"4s","do":"crash","target":"consumer c/1"})", session(timeout, 2));
        REQUIRE(ran.gone_members.size() == 1);
        CHECK(ran.gone_members[0].cause == LeaveCause::session_expired);
        CHECK(ran.group().processed == 1000);
        // Less the age of its last heartbeat, plus the phase of the other's.
        return ran.processed_between(1 + timeout, 7 + timeout) > 0 &&
               ran.processed_between(8, 1 + timeout) == 0;
    };
    CHECK(first_after(10));
    CHECK(first_after(20));
}

TEST_CASE("protocol: close() commits, leaves at once and nothing is read twice") {
    const GroupRun ran(modern(R"(,"enable.auto.commit":true)", "{}", R"(,"members":2)"),
                       R"({"at":"4s","do":"stop","target":"consumer c/1"})");
    REQUIRE(ran.gone_members.size() == 1);
    CHECK(ran.gone_members[0].cause == LeaveCause::left);
    CHECK(ran.group().processed == 1000);
    CHECK(ran.group().repeats == 0);
    CHECK(ran.world.readers[1].positions.size() == 2);
}

TEST_CASE("protocol: the automatic commit stands before partitions are given up") {
    const std::string newcomer =
        R"({"name":"d","group":"g","start":"3s","config":{"auto.offset.reset":"earliest",
        "group.protocol":"consumer"},"application":{}})";
    const GroupRun ran(modern(R"(,"auto.commit.interval.ms":30000)", R"({"process_time":"4ms"})") + "," +
                       newcomer);
    REQUIRE(!ran.revoked.empty());
    CHECK(ran.group().processed == 1000);
    CHECK(ran.group().repeats == 0);
    CHECK(ran.group().lost == 0);
}

TEST_CASE("protocol: without automatic commits the network thread gives away what is being processed") {
    // The classic protocol gives up inside poll(), after the batch. Here the member processes a batch of 410
    // records while their partition moves; the other member reads the same records.
    const std::string config = R"(,"enable.auto.commit":false,"max.poll.records":1000)";
    const std::string slow = R"({"commit":"after-processing","process_time":"4ms"})";
    const std::string newcomer =
        R"({"name":"d","group":"g","start":"8500ms","config":{"auto.offset.reset":"earliest",
        "group.protocol":"consumer","enable.auto.commit":false},
        "application":{"commit":"after-processing"}})";
    const GroupRun ran(modern(config, slow, R"(,"start":"6s")") + "," + newcomer, "", session(10, 1));
    CHECK(ran.group().processed == 1000);
    CHECK(ran.group().repeats > 0);
}

TEST_CASE("protocol: a listener holds the reconciliation until poll(), and commits what was processed") {
    const std::string config = R"(,"enable.auto.commit":false,"max.poll.records":1000)";
    const std::string slow = R"({"commit":"after-processing","process_time":"4ms","on_revoke":"commit"})";
    const std::string newcomer =
        R"({"name":"d","group":"g","start":"8500ms","config":{"auto.offset.reset":"earliest",
        "group.protocol":"consumer","enable.auto.commit":false},
        "application":{"commit":"after-processing"}})";
    const GroupRun ran(modern(config, slow, R"(,"start":"6s")") + "," + newcomer, "", session(10, 1));
    CHECK(ran.group().processed == 1000);
    CHECK(ran.group().repeats == 0);
    CHECK(std::any_of(ran.commits.begin(), ran.commits.end(),
                      [](const auto& one) { return one.second.cause == CommitCause::on_revoke; }));
}

TEST_CASE(
    "protocol: a member that slept through its session is fenced, loses its partitions and comes back") {
    const GroupRun ran(
        modern(by_hand, R"({"commit":"after-processing","process_time":"8ms"})", R"(,"members":2)"),
        R"({"at":"3s","do":"pause","target":"consumer c/1","for":"12s"})", session(6, 1));
    CHECK(ran.group().processed == 1000);
    // It has joined again before the application commits: commitSync() finds no position and says nothing.
    CHECK(ran.group().commits_fenced == 0);
    CHECK(ran.group().repeats > 0);
    CHECK(std::any_of(ran.revoked.begin(), ran.revoked.end(),
                      [](const fact::PartitionRevoked& one) { return one.lost; }));
    for (const Reader& reader : ran.world.readers)
        CHECK(reader.member.protocol.state == ProtocolState::stable);
}

TEST_CASE(
    "protocol: processing longer than max.poll.interval.ms leaves the group, the next poll() joins again") {
    const GroupRun ran(modern(by_hand + R"(,"max.poll.interval.ms":2000)",
                              R"({"commit":"after-processing","spike":"4s","spike_every":300})"));
    CHECK(std::any_of(ran.gone_members.begin(), ran.gone_members.end(),
                      [](const fact::MemberLeft& one) { return one.cause == LeaveCause::left; }));
    CHECK(std::any_of(ran.revoked.begin(), ran.revoked.end(),
                      [](const fact::PartitionRevoked& one) { return one.lost; }));
    CHECK(ran.group().lost == 0);
    CHECK(ran.group().repeats > 0); // nothing is committed of a batch that took too long
    CHECK(ran.world.readers[0].member.protocol.state == ProtocolState::stable);
}

TEST_CASE("protocol: a static member that closes keeps its partitions for the session, a killed one blocks "
          "its name") {
    const std::string instance = by_hand + R"(,"group.instance.id":"i")";
    const GroupRun closed(modern(instance, after, R"(,"members":2)"),
                          R"({"at":"3s","do":"stop","target":"consumer c/1","for":"2s"})");
    CHECK(closed.group().processed == 1000);
    CHECK(closed.group().repeats == 0);
    CHECK(closed.world.readers[0].positions.size() == 1);
    CHECK(std::none_of(closed.revoked.begin(), closed.revoked.end(), [](const fact::PartitionRevoked& one) {
        return one.consumer == ConsumerIndex{1}; // the other one has never heard of it
    }));
    const GroupRun killed(modern(instance, after, R"(,"members":2)"),
                          R"({"at":"3s","do":"crash","target":"consumer c/1","for":"2s"})");
    CHECK(killed.world.readers[0].member.fatal == ErrorCode::unreleased_instance_id);
}

TEST_CASE("protocol: what the other protocol alone knows is told, what no release serves is refused") {
    const SettingTables tables;
    const auto read = [&](const std::string& top, const std::string& consumer) {
        return read_scenario("{" + top + R"("topics":[{"name":"t"}],"consumers":[)" + consumer + "]}", "x",
                             {}, tables);
    };
    const auto problem = [&](const std::string& top, const std::string& consumer) {
        const ReadResult result = read(top, consumer);
        return result.problems.empty() ? std::string{} : format(result.problems.front());
    };
    CHECK(problem(R"("release":"3.9",)", R"({"group":"g","config":{"group.protocol":"consumer"}})")
              .find("early access") != std::string::npos);
    CHECK(problem(R"("release":"3.9",)",
                  R"({"group":"g","release":"4.3","config":{"group.protocol":"consumer"}})")
              .find("brokers of release 4.0") != std::string::npos);
    CHECK(problem(R"("config":{"group.consumer.session.timeout.ms":1000},)", R"({"group":"g"})")
              .find("group.consumer.min.session.timeout.ms = 45000") != std::string::npos);
    const ReadResult warned =
        read("", R"({"group":"g","config":{"group.protocol":"consumer","session.timeout.ms":6000}})");
    REQUIRE(warned.problems.empty());
    CHECK(std::any_of(warned.scenario->warnings.begin(), warned.scenario->warnings.end(),
                      [](const std::string& one) { return one.find("session.timeout.ms is ignored") == 0; }));
}
