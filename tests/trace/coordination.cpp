// Facts of groups and transactions, as a trace shows them.

#include "models/cluster/world.hpp"
#include "models/scenario/scenario.hpp"
#include "tools/highwater/trace/trace.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace kafka;

TEST_CASE("trace: each fact of groups and transactions is one line of JSON with its name") {
    const SettingTables tables;
    ReadResult read = read_scenario(R"({"topics":[{"name":"t"}],
        "producers":[{"name":"p","records":{"count":1},"config":{"transactional.id":"pay"}}],
        "consumers":[{"name":"c","group":"g"}]})",
                                    "x", {}, tables);
    REQUIRE(read.problems.empty());
    const Configuration& configuration = *read.scenario->configuration;
    const World world = make_world(read.scenario->configuration, 1);
    const std::vector<std::pair<const char*, Fact>> all{
        {"CoordinatorLoaded", fact::CoordinatorLoaded{}},
        {"CoordinatorResigned", fact::CoordinatorResigned{}},
        {"CoordinatorAppended", fact::CoordinatorAppended{}},
        {"GroupChanged", fact::GroupChanged{}},
        {"MemberJoined", fact::MemberJoined{}},
        {"MemberLeft", fact::MemberLeft{}},
        {"OffsetCommitted", fact::OffsetCommitted{}},
        {"OffsetForgotten", fact::OffsetForgotten{}},
        {"PartitionAssigned", fact::PartitionAssigned{}},
        {"PartitionRevoked", fact::PartitionRevoked{}},
        {"CommitSent", fact::CommitSent{}},
        {"CommitAnswered", fact::CommitAnswered{}},
        {"Polled", fact::Polled{}},
        {"ProcessingBegan", fact::ProcessingBegan{}},
        {"ProcessingEnded", fact::ProcessingEnded{}},
        {"ApplicationCrashed", fact::ApplicationCrashed{}},
        {"ResultSent", fact::ResultSent{}},
        {"RecordForwarded", fact::RecordForwarded{}},
        {"ConsumerPaused", fact::ConsumerPaused{}},
        {"ApplicationHalted", fact::ApplicationHalted{}},
        {"StateWritten", fact::StateWritten{}},
        {"TransactionBegun", fact::TransactionBegun{}},
        {"TransactionPartitionAdded", fact::TransactionPartitionAdded{}},
        {"TransactionChanged", fact::TransactionChanged{}},
        {"TransactionEnded", fact::TransactionEnded{}},
        {"ProducerFenced", fact::ProducerFenced{}},
        {"MarkerWritten", fact::MarkerWritten{}},
        {"LastStableOffsetMoved", fact::LastStableOffsetMoved{}},
        {"ReplicasChanged", fact::ReplicasChanged{}},
    };
    highwater::Trace trace;
    for (const auto& one : all)
        trace.on(sim::SimTime{5}, 1, one.second, world);
    // The record of an internal partition, and a marker, have names of their own.
    const StreamIndex internal = configuration.internal_stream_first;
    trace.on(sim::SimTime{5}, 1, fact::BatchAppended{{}, {}, {}, internal, Value{2}, 1, {}, true}, world);
    trace.on(sim::SimTime{5}, 1, fact::BatchAppended{{}, {}, {}, no_stream, Value{0}, 1, {}, true}, world);
    std::istringstream lines(trace.render(configuration));
    std::string line;
    for (const auto& one : all) {
        REQUIRE(std::getline(lines, line));
        CHECK(Json::parse(line).at("fact") == one.first);
    }
    REQUIRE(std::getline(lines, line));
    CHECK(Json::parse(line).at("records") == "__consumer_offsets-3:2");
    REQUIRE(std::getline(lines, line));
    CHECK(Json::parse(line).at("records") == "marker:0");
}
