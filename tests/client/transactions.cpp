// A producer's transactions: how they begin and end, what errors do to them, and what readers see.

#include "tests/client/transactional_run.hpp"

#include <algorithm>

using namespace kafka;
using namespace kafka::test;

namespace {

const char* const both_versions[] = {"3.9", "4.3"};

std::string run_of(const std::string& producers, const std::string& faults = "", const char* until = "40s") {
    return R"(,"producers":[)" + producers + "]" + two_readers + R"(,"faults":[)" + faults +
           R"(],"until":")" + until + "\"";
}

} // namespace

TEST_CASE("transactions of a producer: each n-th is aborted, and only read_committed does not see it") {
    for (const char* const release : {"0.11.0", "2.4", "2.6", "3.5", "3.9", "4.0", "4.3"}) {
        CAPTURE(std::string(release));
        const TransactionalRun run(run_of(sender(R"("transaction_records":100,"abort_every":4)")), release);
        CHECK(run.producer().begun == 20);
        CHECK(run.producer().committed == 15);
        CHECK(run.producer().aborted == 5);
        CHECK(run.sum().acknowledged + run.sum().failed == 2000);
        CHECK(run.consumer(0).distinct == 1500);
        CHECK(run.consumer(0).unread == 0);
        CHECK(run.consumer(0).skipped == 0);
        CHECK(run.consumer(0).aborted_read == 0);
        CHECK(run.consumer(1).distinct > 1900); // what was in the buffer as it was aborted was never sent
        CHECK(run.consumer(1).aborted_read == run.consumer(1).distinct - 1500);
        CHECK(run.totals().torn == 0);
        CHECK(run.totals().missing == 0);
        CHECK(run.totals().hanging == 0);
        CHECK(run.totals().open == 0);
        CHECK(run.state("transactions_are_whole") == GuaranteeState::held);
        CHECK(run.state("aborted_records_are_not_read") == GuaranteeState::allowed); // of the other reader
        CHECK(run.invariants.findings().empty());
    }
}

TEST_CASE("transactions of a producer: with version 2 each end brings a new epoch, before none does") {
    for (const char* const release : both_versions) {
        const TransactionalRun run(run_of(sender(R"("transaction_records":500)")), release);
        REQUIRE(run.begun.size() == 4);
        const bool bumps = std::string(release) == "4.3";
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(run.begun[i].second.producer_epoch == (bumps ? static_cast<std::int16_t>(i) : 0));
    }
}

TEST_CASE("transactions of a producer: a broker that dies tears nothing, and nothing comes twice") {
    for (const char* const release : both_versions)
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            CAPTURE(std::string(release));
            CAPTURE(seed);
            const TransactionalRun run(
                run_of(
                    sender(R"("transaction_records":50,"abort_every":5)", "", R"({"count":6000,"rate":400})"),
                    R"({"at":"4s","do":"crash","target":"leader of t-0","for":"10s"},
                          {"at":"12s","do":"crash","target":"coordinator of mover","for":"8s"})",
                    "90s"),
                release, seed);
            CHECK(run.producer().committed >= 96);
            CHECK(run.producer().unknown == 0);
            CHECK(run.consumer(0).distinct == run.producer().committed * 50);
            CHECK(run.consumer(0).unread == 0);
            CHECK(run.sum().duplicated == 0);
            CHECK(run.sum().lost == 0);
            CHECK(run.totals().torn == 0);
            CHECK(run.totals().missing == 0);
            CHECK(run.totals().aborted_visible == 0);
            CHECK(run.state("transactions_are_whole") == GuaranteeState::held);
            CHECK(run.invariants.findings().empty());
        }
}

TEST_CASE("transactions of a producer: a second one with the same id fences the first") {
    for (const char* const release : both_versions) {
        CAPTURE(std::string(release));
        const std::string second =
            R"({"name":"q","topic":"t","start":"3s","records":{"count":1000,"rate":500},
                "application":{"transaction_records":100},"config":{"transactional.id":"mover"}})";
        const TransactionalRun run(run_of(sender(R"("transaction_records":100)") + "," + second), release);
        // With version 2 the fence looks like the first one's own EndTxn for a moment: INVALID_TXN_STATE.
        const bool by_state = std::any_of(run.ended.begin(), run.ended.end(), [](const auto& one) {
            return one.producer == ProducerIndex{0} && one.error == ErrorCode::invalid_txn_state;
        });
        CHECK((run.producer(0).fenced == 1 || by_state));
        CHECK(run.world.producers[0].sending.halted);
        CHECK(run.producer(0).unknown == 1);
        CHECK(run.producer(1).fenced == 0);
        CHECK(run.producer(1).committed == 10);
        CHECK(run.consumer(0).unread == 0);
        CHECK(run.totals().torn == 0);
        CHECK(run.totals().open == 0);
    }
}

TEST_CASE("transactions of a producer: code that makes a new producer takes the id back, again and again") {
    const std::string second =
        R"({"name":"q","topic":"t","start":"3s","records":{"count":1000,"rate":500},
            "application":{"transaction_records":100,"on_fatal":"new_producer"},
            "config":{"transactional.id":"mover"}})";
    const TransactionalRun run(
        run_of(sender(R"("transaction_records":100,"on_fatal":"new_producer")") + "," + second, "", "20s"));
    CHECK(run.fenced.size() >= 1);
    CHECK(run.producer(0).begun > 20);
    CHECK(run.consumer(0).distinct == 3000);
    CHECK(run.sum().duplicated == 0);
    CHECK(run.totals().torn == 0);
}

TEST_CASE("transactions of a producer: a batch that times out aborts, and its records come in the next one") {
    for (const char* const release : both_versions) {
        CAPTURE(std::string(release));
        const std::string quick_to_give_up = R"(,"delivery.timeout.ms":2500,"request.timeout.ms":2000)";
        const char* const long_cut =
            R"({"at":"2s","do":"cut","between":["producer p","broker 2"],"for":"8s"})";
        const TransactionalRun run(
            run_of(sender(R"("transaction_records":100)", quick_to_give_up), long_cut, "60s"), release);
        CHECK(run.producer().aborted > 0);
        CHECK(run.consumer(0).distinct == 2000); // on_abort is "retry"
        CHECK(run.sum().duplicated == 0);
        CHECK(run.totals().torn == 0);
        const TransactionalRun skips(
            run_of(sender(R"("transaction_records":100,"on_abort":"skip")", quick_to_give_up), long_cut,
                   "60s"),
            release);
        CHECK(skips.consumer(0).distinct < 2000);
        CHECK(skips.totals().torn == 0);
    }
}

TEST_CASE(
    "transactions of a producer: what a crash interrupts is aborted by its successor, or by the clock") {
    for (const char* const release : both_versions) {
        CAPTURE(std::string(release));
        const char* const crash = R"({"at":"2500ms","do":"crash","target":"producer p","for":"2s"})";
        const TransactionalRun resends(
            run_of(R"({"name":"p","topic":"t","start":"1s","records":{"count":2000,"rate":500},
                       "application":{"transaction_records":100,"restart":"resend"},
                       "config":{"transactional.id":"mover"}})",
                   crash),
            release);
        CHECK(resends.consumer(0).distinct == 2000);
        CHECK(resends.sum().duplicated == 0);
        CHECK(resends.producer().unknown == 1);
        CHECK(resends.totals().open == 0);
        const TransactionalRun stays_away(
            run_of(sender(R"("transaction_records":100)", R"(,"transaction.timeout.ms":5000)"),
                   R"({"at":"2500ms","do":"crash","target":"producer p"})", "30s"),
            release);
        CHECK(stays_away.totals().open == 0);
        CHECK(stays_away.consumer(0).unread == 0);
        CHECK(stays_away.consumer(0).aborted_read == 0);
        CHECK(stays_away.consumer(1).aborted_read > 0);
    }
}

TEST_CASE("transactions of a producer: a time-out above the broker's most is fatal at once") {
    const TransactionalRun run(
        run_of(sender(R"("transaction_records":100)", R"(,"transaction.timeout.ms":1000000)")));
    CHECK(run.producer().begun == 0);
    REQUIRE(!run.ended.empty());
    CHECK(run.ended[0].error == ErrorCode::invalid_transaction_timeout);
    CHECK(run.sum().sent == 0);
}

TEST_CASE("transactions of a producer: keys that need an id, and settings that do not go with one") {
    const SettingTables tables;
    const auto first_problem = [&](const std::string& producer) {
        const std::string text = R"({"topics":[{"name":"t"}],"producers":[{"name":"p",)" + producer + "}]}";
        const ReadResult result = read_scenario(text, "x", {}, tables);
        return result.problems.empty() ? std::string() : format(result.problems.front());
    };
    const auto names = [&](const std::string& producer, const std::string& what) {
        return first_problem(producer).find(what) != std::string::npos;
    };
    for (const char* const key : {R"("transaction_records":5)", R"("abort_every":2)",
                                  R"("commit_after":"1s")", R"("on_abort":"skip")", R"("on_fatal":"halt")"})
        CHECK(names(R"("application":{)" + std::string(key) + "}", "goes with the setting transactional.id"));
    const std::string id = R"("config":{"transactional.id":"a"},)";
    CHECK(first_problem(id + R"("application":{"transaction_records":5,"commit_after":"1s"})") == "");
    CHECK(names(id + R"("application":{"transaction_records":0})", "transaction_records"));
    CHECK(names(id + R"("application":{"on_abort":"hope"})", "on_abort"));
    CHECK(names(id + R"("application":{"on_fatal":"hope"})", "on_fatal"));
    CHECK(names(id + R"("application":{"on_error":"retry"})", "on_abort"));
    CHECK(names(R"("config":{"transactional.id":"a","acks":"1"})", "transactional.id"));
    CHECK(names(R"("config":{"transactional.id":"a","enable.idempotence":false})", "transactional.id"));
}
