// The code around a producer: each behaviour, and that it is the cause of what is counted.

#include "models/check/ledger.hpp"
#include "models/client/application/error_policy.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

/// Runs one producer, with `producer` and `faults` as the scenario has them, and gives its ledger.
struct Ran {
    Scenario scenario;
    World world;
    Ledger ledger;

    static Scenario read(const std::string& producer, const std::string& faults) {
        const SettingTables tables;
        const std::string text =
            R"({"brokers":1,"topics":[{"name":"t","assignment":[[1]]},{"name":"dlq","assignment":[[1]]}],
            "producers":[{"name":"p","topic":"t","start":"1s",)" +
            producer + R"(}],"faults":[)" + faults + "]}";
        ReadResult result = read_scenario(text, "x", {}, tables);
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return std::move(*result.scenario);
    }
    explicit Ran(const std::string& producer, const std::string& faults = "")
        : scenario(read(producer, faults)), world(make_world(scenario.configuration, 1)),
          ledger(*scenario.configuration) {
        const auto show = [&] {
            for (const Fact& noted : world.kernel.facts)
                ledger.on(world.kernel.now, world.events, noted, world);
            ledger.after_step(world);
        };
        show();
        while (step(world))
            show();
        ledger.at_end(world);
    }
    const StreamSummary& stream(int at = 0) const { return ledger.streams[static_cast<std::size_t>(at)]; }
    const ApplicationSummary& application() const { return ledger.applications.producers[0]; }
    std::int64_t reacted(ErrorReaction reaction) const {
        return application().reactions[static_cast<std::size_t>(reaction)];
    }
};

constexpr const char* outage = R"({"at":"2s","do":"crash","target":"broker 1","for":"20s"})";
constexpr const char* impatient = R"("config":{"delivery.timeout.ms":5000,"request.timeout.ms":3000})";

std::string with(const std::string& application, const std::string& more = "") {
    return R"("records":{"count":4000,"rate":1000},"application":)" + application + "," + impatient + more;
}

} // namespace

TEST_CASE("error policy: who looks decides, and a dead letter has nowhere else to go") {
    ProducerApplication application;
    application.on_error = ErrorReaction::alert;
    CHECK(reaction_to({SendFailure::timeout}, application) == ErrorReaction::alert);
    application.send = SendStyle::fire_and_forget;
    CHECK(reaction_to({SendFailure::timeout}, application) == ErrorReaction::unseen);
    CHECK(reaction_to({SendFailure::serialization, true}, application) == ErrorReaction::alert);
    application = {};
    application.on_error = ErrorReaction::retry;
    application.retries = 2;
    application.then = ErrorReaction::dead_letter;
    CHECK(reaction_to({SendFailure::timeout, false, false, 1}, application) == ErrorReaction::retry);
    CHECK(reaction_to({SendFailure::timeout, false, false, 2}, application) == ErrorReaction::dead_letter);
    CHECK(reaction_to({SendFailure::timeout, false, true, 0}, application) == ErrorReaction::log);
}

TEST_CASE("application: what it knows of failed records depends on how it sends") {
    const Ran blind(with(R"({"send":"fire-and-forget"})"), outage);
    CHECK(blind.stream().failed > 0);
    CHECK(blind.reacted(ErrorReaction::unseen) == blind.stream().failed);
    CHECK(blind.application().told_error == 0);
    const Ran told(with(R"({"on_error":"alert"})"), outage);
    CHECK(told.reacted(ErrorReaction::alert) == told.stream().failed);
    CHECK(told.application().told_error == told.stream().failed);
    const Ran sync(with(R"({"send":"sync","on_error":"log"})"), outage);
    CHECK(sync.stream().failed > 0);
    CHECK(sync.stream().failed < 10); // the thread waits, so little is there to fail
    CHECK(sync.stream().unknown == 0);
    CHECK(sync.stream().sent == 4000);
}

TEST_CASE("application: its own retry brings failed records through, halting keeps the rest back") {
    const Ran retry(with(R"({"on_error":"retry","retries":50,"retry_after":"500ms"})"), outage);
    CHECK(retry.stream().failed == 0);
    CHECK(retry.stream().acknowledged == 4000);
    CHECK(retry.reacted(ErrorReaction::retry) > 0);
    const Ran short_of(with(R"({"on_error":"retry","retries":1,"then":"drop"})"), outage);
    CHECK(short_of.reacted(ErrorReaction::drop) == short_of.stream().failed);
    CHECK(short_of.stream().failed > 0);
    const Ran halt(with(R"({"on_error":"halt"})"), outage);
    CHECK(halt.reacted(ErrorReaction::halt) > 0);
    const Ran late(R"("records":{"count":20000,"rate":1000},"application":{"on_error":"halt"},)" +
                       std::string(impatient),
                   outage);
    CHECK(late.application().not_sent > 10000);
    CHECK(late.stream().sent + late.application().not_sent == 20000);
}

TEST_CASE("application: dead letters go to the other topic by the same producer") {
    const Ran ran(R"("records":{"count":1000,"rate":1000,"oversized":{"every":10,"size":2000000}},
        "application":{"on_error":"dead_letter","dead_letter":"dlq"})");
    CHECK(ran.reacted(ErrorReaction::dead_letter) == 100);
    CHECK(ran.stream(0).failed == 100);
    CHECK(ran.stream(1).acknowledged == 100);
    CHECK(ran.ledger.partitions[1].log_end_offset == Offset{100});
}

TEST_CASE("buffer.memory: a full buffer blocks send(), and max.block.ms ends that") {
    const std::string small =
        R"("records":{"count":8000,"rate":1000,"size":1000},"config":{"buffer.memory":262144)";
    const Ran waits(small + "}", outage);
    CHECK(waits.application().blocked > 0);
    CHECK(waits.application().blocked_longest > sim::seconds(10));
    CHECK(waits.stream().acknowledged == 8000);
    CHECK(waits.world.producers[0].memory_used == 0);
    const Ran gives_up(small + R"(,"max.block.ms":1000})", outage);
    CHECK(gives_up.ledger.producers[0].failed.at(SendFailure::buffer_exhausted) >= 10);
    const Ran old(R"("release":"2.5",)" + small + R"(,"max.block.ms":1000})", outage);
    CHECK(old.ledger.producers[0].failed.at(SendFailure::timeout) >= 10);
    CHECK(old.ledger.producers[0].failed.count(SendFailure::buffer_exhausted) == 0);
    const Ran roomy(R"("records":{"count":8000,"rate":1000,"size":1000})", outage);
    CHECK(roomy.application().blocked == 0);
}

TEST_CASE("records: impossible ones fail at once, with the class that Kafka gives them") {
    const Ran ran(R"("records":{"count":1000,"rate":1000,"unserializable_every":100})");
    CHECK(ran.ledger.producers[0].failed.at(SendFailure::serialization) == 10);
    CHECK(ran.application().told[static_cast<std::size_t>(ErrorClass::non_retriable)] == 10);
    CHECK(ran.stream().acknowledged == 990);
    const Ran all(R"("records":{"count":1000,"rate":1000,"size":2000000})");
    CHECK(all.stream().failed == 1000);
    CHECK(all.ledger.producers[0].failed.at(SendFailure::record_too_large) == 1000);
}

TEST_CASE("close: exit leaves the buffer behind, flush does not, and a time limit fails the rest") {
    const std::string slow =
        R"("records":{"count":500,"rate":1000},"config":{"linger.ms":300},"application":)";
    const Ran exits(slow + R"({"close":"exit"})");
    CHECK(exits.application().died_unsent > 0);
    CHECK(exits.stream().unknown == exits.application().died_unsent + exits.application().died_in_flight);
    const Ran flushes(slow + R"({"close":"flush"})");
    CHECK(flushes.stream().acknowledged == 500);
    const Ran late(
        R"("records":{"count":4000,"rate":1000},"application":{"close":"flush","close_timeout":"1s"})",
        outage);
    CHECK(late.ledger.producers[0].failed.at(SendFailure::closed) > 0);
    CHECK(late.stream().unknown == 0);
}

TEST_CASE("crash of the producer: what it was not told is unknown, unless it sends it again") {
    const std::string load =
        R"("records":{"count":8000,"rate":2000},"config":{"linger.ms":100},"application":)";
    constexpr const char* crash = R"({"at":"3050ms","do":"crash","target":"producer p","for":"2s"})";
    const Ran goes_on(load + R"({"restart":"continue"})", crash);
    CHECK(goes_on.stream().sent == 8000);
    CHECK(goes_on.stream().unknown > 0);
    CHECK(goes_on.stream().unknown ==
          goes_on.application().died_unsent + goes_on.application().died_in_flight);
    const Ran resends(load + R"({"restart":"resend"})", crash);
    CHECK(resends.stream().unknown == 0);
    CHECK(resends.stream().acknowledged == 8000);
    CHECK(resends.application().resent_after_restart > 0);
    CHECK(resends.application().duplicates_by_restart == resends.stream().duplicated);
}

TEST_CASE("permissions: a denied producer fails at once, and one that is denied from its start has no id") {
    const std::string load = R"("records":{"count":4000,"rate":1000},"config":{})";
    const Ran later(load, R"({"at":"2s","do":"deny","target":"producer p","for":"1s"})");
    CHECK(later.ledger.producers[0].failed.at(SendFailure::topic_authorization) > 500);
    CHECK(later.stream().acknowledged > 2000);
    CHECK(later.stream().acknowledged + later.stream().failed == 4000);
    CHECK(later.application().told[static_cast<std::size_t>(ErrorClass::non_retriable)] ==
          later.stream().failed);
    const std::string late_start = R"("release":"4.3",)" + load;
    const Ran crashed(late_start, R"({"at":"2s","do":"deny","target":"producer p"},
        {"at":"2500ms","do":"crash","target":"producer p","for":"1s"})");
    CHECK(crashed.ledger.producers[0].failed.at(SendFailure::cluster_authorization) > 0);
    CHECK(crashed.application().told[static_cast<std::size_t>(ErrorClass::fatal)] > 0);
    CHECK(crashed.world.producers[0].fatal);
}

TEST_CASE("producer: records that are refused leave no gap in a batch") {
    // Each value stands in the log once, whatever was refused between its neighbours.
    const Ran ran(
        R"("records":{"count":3000,"rate":3000,"unserializable_every":7,
        "oversized":{"every":11,"size":2000000}})");
    CHECK(ran.stream().sent == 3000);
    CHECK(ran.stream().failed == 3000 / 7 + 3000 / 11 - 3000 / 77);
    CHECK(ran.stream().acknowledged + ran.stream().failed == 3000);
    CHECK(ran.stream().written_though_failed == 0);
    CHECK(ran.stream().duplicated == 0);
}
