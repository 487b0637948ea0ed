// "metadata": who keeps it, which releases go with it, and what each type has of its own.

#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

ReadResult read_metadata(const std::string& rest, const std::vector<Override>& overrides = {}) {
    return read_scenario(R"({"topics":[{"name":"x"}],)" + rest + "}", "x.json", overrides, SettingTables());
}

std::string complaints(const std::string& rest, const std::vector<Override>& overrides = {}) {
    std::string all;
    for (const InputProblem& problem : read_metadata(rest, overrides).problems)
        all += format(problem) + "\n";
    return all;
}

std::string warnings_of(const std::string& rest, const std::vector<Override>& overrides = {}) {
    const ReadResult read = read_metadata(rest, overrides);
    REQUIRE_MESSAGE(read.problems.empty(), complaints(rest, overrides));
    std::string all;
    for (const std::string& warning : read.scenario->warnings)
        all += warning + "\n";
    return all;
}

const std::vector<Override> to_zookeeper{{"metadata", "zookeeper"}};

} // namespace

TEST_CASE("scenario: a setting of the other control plane has no effect, and a warning says so") {
    const std::string both = R"("release":"3.9","config":{"zookeeper.session.timeout.ms":9000,
                                                           "broker.session.timeout.ms":12000})";
    const std::string session = "zookeeper.session.timeout.ms has no effect under KRaft";
    const std::string heartbeats = "broker.session.timeout.ms has no effect under ZooKeeper";
    CHECK(has(warnings_of(both), session));
    CHECK(!has(warnings_of(both), heartbeats));
    CHECK(has(warnings_of(both, to_zookeeper), heartbeats));
    CHECK(!has(warnings_of(both, to_zookeeper), session));
}

TEST_CASE("scenario: under ZooKeeper one process stands for the ensemble, and a broker is the controller") {
    const ReadResult read = read_metadata(R"("release":"2.3","metadata":"zookeeper")");
    REQUIRE(read.problems.empty());
    const Configuration& c = *read.scenario->configuration;
    CHECK(c.has_zookeeper());
    CHECK(c.controllers.empty());
    CHECK(c.zookeeper_servers == 1);
    CHECK(c.first_controller == BrokerSlot{2});
    CHECK(c.brokers[0].settings.zookeeper_session_timeout == sim::milliseconds(6000));
    CHECK(!has(warnings_of(R"("release":"2.3","metadata":"zookeeper")"), "KRaft"));
    const ReadResult named =
        read_metadata(R"("release":"2.5","metadata":{"type":"zookeeper","controller":1})");
    REQUIRE(named.problems.empty());
    CHECK(named.scenario->configuration->first_controller == BrokerSlot{0});
    CHECK(named.scenario->configuration->brokers[0].settings.zookeeper_session_timeout ==
          sim::milliseconds(18000));
}

TEST_CASE(
    "scenario: a file without a release gets the newest that has ZooKeeper, and a newer one is refused") {
    const ReadResult read = read_metadata(R"("brokers":3)", to_zookeeper);
    REQUIRE(read.problems.empty());
    CHECK(read.scenario->configuration->release == Release::v3_9);
    CHECK(has(warnings_of(R"("brokers":3)", to_zookeeper), "release 3.9 is taken"));
    CHECK(has(complaints(R"("release":"4.0")", to_zookeeper), "/release: release 4.0 has no ZooKeeper"));
    CHECK(has(complaints(R"("brokers":3)", {{"metadata", "zookeeper"}, {"release", "4.3"}}),
              "-X release: release 4.3 has no ZooKeeper"));
    CHECK(has(complaints(R"("release":"3.9","metadata":"zookeeper","brokers":[{"id":1,"release":"4.1"}])"),
              "/brokers/0/release: has no ZooKeeper"));
}

TEST_CASE("scenario: an old release without a type of metadata runs under KRaft, and is told what it had") {
    CHECK(has(warnings_of(R"("release":"2.3")"), "\"metadata\": \"zookeeper\" is what it ran with"));
    CHECK(warnings_of(R"("release":"3.9")").empty());
}

TEST_CASE("scenario: keys of one type of metadata do not go with the other") {
    CHECK(has(complaints(R"("metadata":{"type":"zookeeper","controllers":3})"),
              "/metadata/controllers: goes with \"type\": \"kraft\""));
    CHECK(has(complaints(R"("metadata":{"type":"kraft","controller":1})"),
              "/metadata/controller: goes with \"type\": \"zookeeper\""));
    CHECK(has(complaints(R"("release":"3.9","metadata":{"type":"zookeeper","controller":9})"),
              "/metadata/controller: expected the id of a broker, got 9"));
    CHECK(has(complaints(R"("metadata":"etcd")"), "expected \"kraft\" or \"zookeeper\", got \"etcd\""));
    CHECK(has(warnings_of(R"("metadata":{"type":"kraft","controllers":3})", to_zookeeper),
              "metadata.controllers is set aside by -X metadata"));
}

TEST_CASE("scenario: faults may hit the ensemble where there is one") {
    const std::string crash = R"("faults":[{"at":"1s","do":"crash","target":"zookeeper"}])";
    CHECK(complaints(crash, to_zookeeper).empty());
    CHECK(has(complaints(crash), "/faults/0/target: there is no ZooKeeper"));
    CHECK(has(complaints(R"("faults":[{"at":"1s","do":"wipe_disk","target":"zookeeper"}])", to_zookeeper),
              "does not survive the loss of its disks"));
    CHECK(has(
        complaints(R"("faults":[{"at":"1s","do":"starve","factor":3,"target":"zookeeper"}])", to_zookeeper),
        "expected brokers or a consumer"));
    CHECK(complaints(
              R"("faults":[{"at":"1s","do":"cut","between":["broker 1","zookeeper"],"listener":"control"}])",
              to_zookeeper)
              .empty());
}

TEST_CASE("scenario: what a release with ZooKeeper cannot do is refused, with the place and a way out") {
    const auto refused = [](const std::string& release, const std::string& rest, const std::string& place,
                            const std::string& way_out) {
        const std::string all =
            complaints("\"release\":\"" + release + R"(","metadata":"zookeeper",)" + rest);
        CHECK_MESSAGE(has(all, place), all);
        CHECK_MESSAGE(has(all, way_out), all);
    };
    const auto accepted = [](const std::string& release, const std::string& rest) {
        const std::string all =
            complaints("\"release\":\"" + release + R"(","metadata":"zookeeper",)" + rest);
        CHECK_MESSAGE(all.empty(), all);
    };
    const std::string move = R"("faults":[{"at":"1s","do":"reassign","target":"x-0","replicas":[1])";
    refused("0.10.0", move + R"(,"throttle":"1MB"}])", "/faults/0/throttle", "release 0.10.2");
    accepted("0.10.2", move + R"(,"throttle":"1MB"}])");
    accepted("0.8.2", move + "}]");
    const std::string cancel = R"("faults":[{"at":"1s","do":"reassign","target":"x-0","cancel":true}])";
    refused("2.3", cancel, "/faults/0/cancel", "release 2.4");
    accepted("2.4", cancel);
    const std::string roll = R"("faults":[{"at":"1s","do":"roll","target":"all brokers","release":)";
    refused("3.8", roll + R"("4.0"}])", "/faults/0/release: 4.0 has no ZooKeeper", "3.9 or older");
    accepted("3.8", roll + R"("3.9"},{"at":"9s","do":"finalize"}])");
    accepted("0.11.0", R"("brokers":[{"id":1,"directories":2}])");
    accepted("3.9", R"("faults":[{"at":"1s","do":"delete_topic","target":"topic x"},
                                 {"at":"1s","do":"unregister","target":"broker 1"}])");
}

TEST_CASE("scenario: the controller at the beginning is a broker that is there from the start") {
    const ReadResult read = read_metadata(R"("release":"3.9","metadata":"zookeeper",
                         "brokers":[{"id":1},{"id":2},{"id":3,"starts":"5s"}])");
    REQUIRE(read.problems.empty());
    CHECK(read.scenario->configuration->first_controller == BrokerSlot{1});
    CHECK(has(complaints(R"("release":"3.9","metadata":{"type":"zookeeper","controller":2},
                            "brokers":[{"id":1},{"id":2,"absent":true}])"),
              "/metadata/controller: expected the id of a broker that is there from the start, got 2"));
}
