// Consume, transform, produce: each input has one result that readers see, and what gives that up.

#include "tests/client/transactional_run.hpp"

using namespace kafka;
using namespace kafka::test;

namespace {

std::string copier(const std::string& output, const std::string& application = "", int members = 1,
                   const std::string& config = R"("transactional.id":"copier")") {
    return R"(,"producers":[{"name":"p","topic":"t","start":"1s","records":{"count":1500,"rate":200,
        "key":{"count":20}}}],
        "consumers":[{"name":"copier","topics":["t"],"group":"g","members":)" +
           std::to_string(members) + R"(,
          "config":{"auto.offset.reset":"earliest","enable.auto.commit":false,"session.timeout.ms":6000,
                    "heartbeat.interval.ms":1000,"max.poll.records":50,"isolation.level":"read_committed"},
          "application":{"commit":"after-processing","process_time":"4ms",)" +
           application + R"("output":{"topic":"out",)" + output + R"("config":{)" + config + R"(}}}},
          {"name":"audit","topics":["out"],"config":{"auto.offset.reset":"earliest",
              "isolation.level":"read_committed"}}])";
}

std::string with_faults(const std::string& faults, const char* until = "70s") {
    return R"(,"faults":[)" + faults + R"(],"until":")" + until + "\"";
}

constexpr const char* crashes = R"({"at":"4s","do":"crash","target":"consumer copier","for":"2s"},
    {"at":"12s","do":"crash","target":"consumer copier","for":"1s"})";

} // namespace

TEST_CASE("output in transactions: crashes cost work, and no input record is without its one result") {
    for (const char* const release : {"1.0", "2.6", "3.9", "4.3"})
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            CAPTURE(std::string(release));
            CAPTURE(seed);
            const TransactionalRun run(copier("") + with_faults(crashes), release, seed);
            const CopySummary& copies = run.ledger.copies.groups[0];
            CHECK(copies.once == 1500);
            CHECK(copies.duplicated == 0);
            CHECK(copies.missing == 0);
            CHECK(copies.pending == 0);
            CHECK(run.ledger.consumers[1].distinct == 1500);
            CHECK(run.state("each_input_has_one_result") == GuaranteeState::held);
            CHECK(run.state("transactions_are_whole") == GuaranteeState::held);
            CHECK(run.invariants.findings().empty());
        }
}

TEST_CASE("output in transactions: offsets that are committed apart bring results twice") {
    std::int64_t twice = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        // The process dies between its transaction and its offsets, which do not get through.
        const char* const cut_off =
            R"({"at":"4s","do":"cut","between":["consumer copier","coordinator of g"],"for":"4s"},
               {"at":"6s","do":"crash","target":"consumer copier","for":"3s"})";
        const TransactionalRun run(copier(R"("offsets":"apart",)", "", 1, R"("transactional.id":"till")") +
                                       with_faults(cut_off),
                                   "4.3", seed);
        twice += run.ledger.copies.groups[0].duplicated;
        CHECK(run.ledger.copies.groups[0].missing == 0);
        if (run.ledger.copies.groups[0].duplicated > 0)
            CHECK(run.state("each_input_has_one_result") == GuaranteeState::allowed);
    }
    CHECK(twice > 0);
}

TEST_CASE(
    "output in transactions: a result that fails aborts, and the consumer goes back to what is committed") {
    for (const char* const release : {"3.9", "4.3"}) {
        CAPTURE(std::string(release));
        const TransactionalRun run(
            copier("", "", 1,
                   R"("transactional.id":"copier","delivery.timeout.ms":2500,"request.timeout.ms":2000)") +
                with_faults(R"({"at":"4s","do":"cut","between":["consumer copier","broker 3"],"for":"7s"})"),
            release);
        CHECK(run.producer(1).aborted > 0);
        CHECK(run.producer(1).fenced == 0);
        CHECK(run.ledger.copies.groups[0].once == 1500);
        CHECK(run.ledger.copies.groups[0].duplicated == 0);
        const GroupSummary& group = run.ledger.consumption.groups[0];
        CHECK(group.repeated[static_cast<std::size_t>(RepeatCause::aborted_transaction)] > 0);
        CHECK(run.state("consumed_at_most_once") == GuaranteeState::held);
    }
}

TEST_CASE("output in transactions: only group metadata fences a member that slept through a rebalance") {
    for (const bool metadata : {true, false}) {
        const TransactionalRun run(
            copier(metadata ? "" : R"("group_metadata":false,)", "", 2) +
            with_faults(R"({"at":"4s","do":"pause","target":"consumer copier/1","for":"15s"})"));
        CHECK((run.ledger.copies.groups[0].duplicated == 0) == metadata);
        CHECK(run.ledger.copies.groups[0].missing == 0);
        CHECK(run.state("each_input_has_one_result") ==
              (metadata ? GuaranteeState::held : GuaranteeState::allowed));
    }
}

TEST_CASE("output in transactions: keys and settings that go together") {
    const SettingTables tables;
    const auto problem = [&](const std::string& consumer) {
        const std::string text =
            R"({"topics":[{"name":"t"},{"name":"out"}],"consumers":[{"name":"c","topics":["t"],)" + consumer +
            "}]}";
        const ReadResult result = read_scenario(text, "x", {}, tables);
        return result.problems.empty() ? std::string() : format(result.problems.front());
    };
    const auto has = [](const std::string& text, const char* what) {
        return text.find(what) != std::string::npos;
    };
    const std::string manual = R"("group":"g","config":{"enable.auto.commit":false},"application":)";
    const std::string id = R"("config":{"transactional.id":"a"})";
    CHECK(problem(manual + R"({"commit":"after-processing","output":{"topic":"out",)" + id + "}}") == "");
    CHECK(has(problem(manual + R"({"commit":"after-processing","output":{"topic":"out","offsets":"apart"}})"),
              "transactional.id"));
    CHECK(has(
        problem(manual + R"({"commit":"after-processing","output":{"topic":"out","group_metadata":false}})"),
        "transactional.id"));
    CHECK(has(problem(manual + R"({"commit":"after-processing","output":{"topic":"out","wait":"record",)" +
                      id + "}}"),
              "commitTransaction()"));
    CHECK(has(problem(manual + R"({"commit":"before-processing","output":{"topic":"out",)" + id + "}}"),
              "after-processing"));
    CHECK(has(problem(R"("group":"g","application":{"commit":"after-processing","output":{"topic":"out",)" +
                      id + "}}"),
              "enable.auto.commit=false"));
    CHECK(has(
        problem(
            manual +
            R"({"commit":"after-processing","output":{"topic":"out","offsets":"apart",
                "group_metadata":true,)" +
            id + "}}"),
        "offsets"));
}
