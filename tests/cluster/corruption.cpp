// Bytes that change on a disk, recovery after an unclean end, and what the kernel writes by itself.

#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

std::string with_faults(const std::string& faults, const std::string& more = "") {
    return cluster_test::three_replicas("40s", faults, more);
}

std::int64_t unfenced_ms(const Driven& run, int broker) {
    return run.first_ms<fact::BrokerChanged>([&](const fact::BrokerChanged& f) {
        return f.broker == Driven::slot(broker) && f.event == BrokerEvent::unfenced;
    });
}

} // namespace

// Goal: the leader does not check what it sends. A follower that needs the batch refuses it again and again;
// one that has it already is not concerned.
TEST_CASE("corrupt: a follower that needs the batch never gets past it") {
    Driven run(with_faults(R"({"at":"6s","do":"corrupt","target":"broker 1","partition":"t-0","offset":100},
                              {"at":"8s","do":"wipe_disk","target":"broker 3","for":"1s"})"));
    run.to_the_end();
    const auto found = run.all<fact::CorruptRecordFound>();
    REQUIRE(found.size() > 5); // replica.fetch.backoff.ms = 1 s
    CHECK(found[0].second.broker == Driven::slot(3));
    CHECK(found[0].second.from == Driven::slot(1));
    CHECK(run.log(3).log_end_offset <= Offset{100});
    CHECK(run.decided().isr == Driven::set({1, 2}));
    CHECK(run.log(2).log_end_offset == Offset{2000});
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE("corrupt: a consumer stops before the batch, and another leader has it whole") {
    const std::string consumer = R"("consumers":[{"name":"c","topics":["t"],"start":"8s",
        "config":{"auto.offset.reset":"earliest"}}],)";
    const std::string corrupt =
        R"({"at":"6s","do":"corrupt","target":"broker 1","partition":"t-0","offset":100})";
    Driven run(with_faults(corrupt, consumer));
    run.to_the_end();
    CHECK(run.all<fact::CorruptRecordFound>().size() == 1);
    CHECK(run.ledger.consumers[0].read <= 100);
    CHECK(run.ledger.consumers[0].unread >= 1900);
    Driven moved(with_faults(corrupt + R"(,{"at":"7s","do":"stop","target":"broker 1"})", consumer));
    moved.to_the_end();
    CHECK(moved.all<fact::CorruptRecordFound>().empty());
    CHECK(moved.ledger.consumers[0].unread == 0);
}

TEST_CASE("corrupt: a member of a group has what is before the batch, and its poll() throws") {
    Driven run(with_faults(R"({"at":"6s","do":"corrupt","target":"broker 1","partition":"t-0","offset":100})",
                           R"("consumers":[{"name":"c","topics":["t"],"start":"8s","group":"g",
                               "config":{"auto.offset.reset":"earliest"}}],)"));
    run.to_the_end();
    CHECK(run.all<fact::CorruptRecordFound>().size() == 1);
    CHECK(run.ledger.consumers[0].read > 0);
    CHECK(run.ledger.consumers[0].read <= 100);
}

TEST_CASE("recovery: an unclean start cuts the log at the batch that is not whole, a clean one does not") {
    const auto cut = [](const std::string& end) {
        Driven run(with_faults(
            R"({"at":"6s","do":"corrupt","target":"broker 3","partition":"t-0","offset":100},
                                  {"at":"7s","do":")" +
            end + R"(","target":"broker 3","for":"2s"})"));
        run.to_the_end();
        CHECK(run.log(3).log_end_offset == Offset{2000});
        CHECK(run.ledger.streams[0].lost == 0);
        return run.all<fact::LogTruncated>(
            [](const fact::LogTruncated& f) { return f.cause == RemovalCause::corruption; });
    };
    const auto unclean = cut("crash");
    REQUIRE(unclean.size() == 1);
    CHECK(unclean[0].second.to <= Offset{100});
    CHECK(unclean[0].second.from > Offset{600});
    CHECK(cut("stop").empty());
}

TEST_CASE("recovery: a broker that has to read its logs again is fenced for longer") {
    const auto back = [](const std::string& end, const std::string& machine) {
        Driven run(with_faults(R"({"at":"20s","do":")" + end + R"(","target":"broker 3","for":"2s"})",
                               R"("network":{)" + machine + "},"));
        run.to_the_end();
        return unfenced_ms(run, 3);
    };
    const std::string slow = R"("log_recovery_per_mebibyte":"60s")"; // 2000 records are about 0.2 MiB
    const std::int64_t usual = back("crash", "");
    CHECK(back("crash", slow) > usual + 3000);
    CHECK(back("stop", slow) < back("crash", slow) - 3000);
    const auto read_again = [&](const std::string& more) {
        Driven run(with_faults(R"({"at":"20s","do":"crash","target":"broker 3","for":"2s"})",
                               R"("network":{)" + slow + "}," + more));
        run.to_the_end();
        const auto all = run.all<fact::LogsRecovered>();
        REQUIRE(all.size() == 1);
        return all[0].second;
    };
    CHECK(read_again("").bytes > 150000);
    CHECK(read_again(R"("config":{"log.flush.interval.messages":1},)").bytes == 0);
    const auto four = read_again(R"("config":{"num.recovery.threads.per.data.dir":4},)");
    CHECK(four.took * 2 == read_again("").took);
}

// Goal: what the kernel has written by itself survives a power loss although nothing was flushed.
TEST_CASE("write-back: a power loss takes what is younger than the age of dirty pages") {
    const auto kept = [](const std::string& machine) {
        std::int64_t least = 1 << 20;
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            Driven run(R"({"topics":[{"name":"t","replication.factor":1,"assignment":[[1]]}],
                "producers":[{"name":"shop","topic":"t","records":{"count":6000,"rate":100}}],)" +
                           machine +
                           R"("until":"62s","faults":[{"at":"60s","do":"power_loss","target":"broker 1"}]})",
                       seed);
            run.to_the_end();
            least = std::min(least, run.log(1).log_end_offset.value);
        }
        return least;
    };
    CHECK(kept("") < 2400);
    CHECK(kept(R"("network":{"write_back":"30s"},)") >= 2400); // 25 to 30 s old
    CHECK(kept(R"("network":{"write_back":"10s"},)") >= 4400);
}
