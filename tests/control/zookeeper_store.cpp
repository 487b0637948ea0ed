// The ensemble alone: versions, watches, sessions; and the elections of its era as tables.

#include "models/control/zookeeper/elections.hpp"
#include "models/control/zookeeper/store.hpp"
#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using control_test::assignment_of;
using control_test::set_of;

namespace {

/// An ensemble on a network without latency: the test plays the brokers.
class Ensemble {
  public:
    explicit Ensemble(const char* release = "3.9") : configuration(configured(release)) {
        kernel.choices.key = 1;
        kernel.network.latency = {};
        for (std::size_t i = 0; i < configuration.brokers.size() + 1; ++i)
            kernel.network.add_process(kernel.network.add_host(), sim::ProcessState::up);
        store = make_zookeeper(configuration);
        Turn turn(kernel, configuration, ensemble());
        start(store, turn);
        kernel.facts.clear();
        for (int i = 0; i < 3; ++i)
            links.push_back(kernel.network.open(Addresses::broker(BrokerSlot{i}), ensemble(), 2, kernel.now,
                                                kernel.choices, SignalScheduler{kernel.queue}));
        advance({});
        for (int i = 0; i < 3; ++i)
            CHECK(ask(i, ZooKeeperCall::connect).error == ZooKeeperError::none);
    }

    const Configuration configuration;
    Kernel kernel;
    ZooKeeper store;
    std::vector<sim::ConnectionId> links;
    std::vector<std::pair<int, ZooKeeperEvent>> events;

    sim::ProcessId ensemble() const { return Addresses::zookeeper(configuration, 0); }
    SessionId session(int broker) const { return SessionId{broker + 1}; }

    ZooKeeperResponse ask(int broker, ZooKeeperCall call, std::uint8_t nodes = 0,
                          const std::vector<MetadataRecord>& records = {}, Epoch controller = no_epoch) {
        ZooKeeperRequest request;
        request.call = call;
        request.nodes = nodes;
        request.broker = BrokerSlot{broker};
        request.session = session(broker);
        request.controller_epoch = controller;
        if (has_content(request)) {
            request.content = kernel.slabs.metadata_records.acquire();
            kernel.slabs.metadata_records.open(request.content).records = records;
        }
        kernel.network.send(links[static_cast<std::size_t>(broker)], sim::Side::client, request, 100,
                            kernel.now, kernel.choices, SignalScheduler{kernel.queue});
        answer = {};
        advance({});
        return answer;
    }
    /// The conditional write of one state, and whether it was done.
    bool write(int broker, const PartitionState& state, Epoch controller = no_epoch) {
        const ZooKeeperResponse response =
            ask(broker, ZooKeeperCall::write_partitions, 0,
                {PartitionRecord{PartitionIndex{0}, state, {}, ChangeCause::isr_shrink, false}}, controller);
        if (!has_content(response)) return false;
        const bool done = kernel.slabs.alter_partition_answer.open(response.content).entries.front().error ==
                          ErrorCode::none;
        kernel.slabs.alter_partition_answer.release(response.content);
        return done;
    }
    void advance(sim::Duration length) {
        control_test::run_for(kernel, length, [&](const Event& event) { handle(event); });
    }

  private:
    ZooKeeperResponse answer;

    static Configuration configured(const char* release) {
        Configuration c = control_test::configuration_of(3, {assignment_of({0, 1, 2})});
        c.controllers.clear();
        c.metadata = MetadataType::zookeeper;
        c.zookeeper_servers = 1;
        c.first_controller = BrokerSlot{2};
        c.controller_dialect = dialect_of(*parse_release(release));
        for (BrokerConfiguration& broker : c.brokers)
            broker.settings.zookeeper_session_timeout = sim::milliseconds(6000);
        return c;
    }
    void handle(const Event& event) {
        Turn turn(kernel, configuration, ensemble());
        if (const auto* due = std::get_if<TimerEvent>(&event)) return on(store, due->timer, turn);
        const auto notice = kernel.network.on(std::get<Signal>(event), kernel.now, kernel.choices,
                                              SignalScheduler{kernel.queue});
        using Kind = sim::Notice<Mail>::Kind;
        if (notice.kind == Kind::disconnected && notice.process == ensemble())
            on(store, Disconnected{notice.connection}, turn);
        if (notice.kind != Kind::mail) return;
        if (notice.process == ensemble()) return on(store, notice.connection, notice.mail, turn);
        if (const auto* fired = std::get_if<ZooKeeperEvent>(&notice.mail))
            events.emplace_back(static_cast<int>(notice.process.value), *fired);
        if (const auto* response = std::get_if<ZooKeeperResponse>(&notice.mail)) answer = *response;
    }
};

PartitionState state_of(int leader, BrokerSet isr, int leader_epoch = 0, int version = 0) {
    PartitionState state;
    state.leader = BrokerSlot{leader};
    state.leader_epoch = Epoch{leader_epoch};
    state.partition_epoch = PartitionEpoch{version};
    state.isr = isr;
    return state;
}

} // namespace

TEST_CASE("zookeeper store: a state node is written only in the version that the writer knows") {
    Ensemble all;
    CHECK(all.write(0, state_of(0, set_of({0, 1}))));
    CHECK(all.store.partitions[0].partition_epoch == PartitionEpoch{1});
    CHECK(!all.write(0, state_of(0, set_of({0}))));
    CHECK(all.store.partitions[0].isr == set_of({0, 1}));
    CHECK(all.write(1, state_of(0, set_of({0}), 0, 1)));
    check(all.store);
}

TEST_CASE("zookeeper store: from 2.2 on a controller of an older epoch writes nothing") {
    for (const auto& [release, refuses] : {std::pair{"2.1", false}, std::pair{"2.2", true}}) {
        Ensemble all(release);
        all.store.controller_epoch = Epoch{2};
        CHECK(all.write(2, state_of(1, set_of({1, 2}), 1), Epoch{1}) != refuses);
        CHECK(all.write(2, state_of(1, set_of({1}), 2, refuses ? 0 : 1), Epoch{2}));
    }
}

TEST_CASE("zookeeper store: a watch fires once, and only for who has set it") {
    Ensemble all;
    const std::uint8_t brokers = bit(ZooKeeperNodes::brokers);
    all.kernel.slabs.metadata_records.release(all.ask(2, ZooKeeperCall::read, brokers).content);
    all.ask(0, ZooKeeperCall::close);
    REQUIRE(all.events.size() == 1);
    CHECK(all.events.front() == std::pair{2, ZooKeeperEvent{ZooKeeperNodes::brokers}});
    all.ask(1, ZooKeeperCall::close);
    CHECK(all.events.size() == 1);
}

TEST_CASE("zookeeper store: a session that is silent ends with its tick, and takes its nodes along") {
    Ensemble all;
    for (int i = 0; i < 3; ++i) { // broker 1 goes on giving signs of life
        all.advance(sim::seconds(2));
        CHECK(all.ask(1, ZooKeeperCall::ping).error == ZooKeeperError::none);
    }
    all.advance(sim::seconds(3));
    CHECK(all.store.registered[0].session == no_session);
    CHECK(all.store.registered[1].session == all.session(1));
    CHECK(all.store.controller == no_slot);
    CHECK(all.ask(0, ZooKeeperCall::ping).error == ZooKeeperError::none); // nobody is there to answer: closed
    CHECK(all.ask(1, ZooKeeperCall::elect_controller).controller == BrokerSlot{1});
    CHECK(all.store.controller_epoch == Epoch{2});
    check(all.store);
}

TEST_CASE("zookeeper store: a node of another session may not be registered again") {
    Ensemble all;
    CHECK(all.ask(0, ZooKeeperCall::register_broker).error == ZooKeeperError::none); // its own
    all.store.registered[0].session = SessionId{77};
    CHECK(all.ask(0, ZooKeeperCall::register_broker).error == ZooKeeperError::node_exists);
}

TEST_CASE("zookeeper elections: who leads, by assignment and ISR, as a table") {
    const Assignment assignment = assignment_of({0, 1, 2});
    struct Row {
        BrokerSet isr;
        BrokerSet live;
        bool unclean;
        int leader; // -1: nobody
        BrokerSet after;
    };
    const Row rows[] = {
        {set_of({0, 1, 2}), set_of({1, 2}), false, 1, set_of({1, 2})}, // the first that lives, in sync
        {set_of({0, 2}), set_of({1, 2}), false, 2, set_of({2})},
        {set_of({0}), set_of({1, 2}), false, -1, {}},
        {set_of({0}), set_of({1, 2}), true, 1, set_of({1})}, // alone
        {set_of({0, 2}), set_of({1, 2}), true, 2, set_of({2})},
    };
    for (const Row& row : rows) {
        const auto result =
            zookeeper::elect_for_offline(state_of(0, row.isr), assignment, row.live, row.unclean);
        CHECK(result.has_value() == (row.leader >= 0));
        if (!result) continue;
        CHECK(result->state == state_of(row.leader, row.after, 1));
        CHECK(result->unclean == (row.unclean && !row.isr.has(BrokerSlot{row.leader})));
    }
}

TEST_CASE("zookeeper elections: preferred, for a shutdown, and when a replica goes") {
    const Assignment assignment = assignment_of({0, 1, 2});
    const BrokerSet all = set_of({0, 1, 2});
    CHECK(zookeeper::elect_preferred(state_of(1, all), assignment, all)->state == state_of(0, all, 1));
    CHECK(!zookeeper::elect_preferred(state_of(0, all), assignment, all));
    CHECK(!zookeeper::elect_preferred(state_of(1, set_of({1, 2})), assignment, all));
    CHECK(zookeeper::elect_for_shutdown(state_of(0, all), assignment, all, set_of({0}))->state ==
          state_of(1, set_of({1, 2}), 1));
    CHECK(!zookeeper::elect_for_shutdown(state_of(0, set_of({0})), assignment, all, set_of({0})));
    CHECK(zookeeper::without_replica(state_of(0, all), BrokerSlot{2})->state ==
          state_of(0, set_of({0, 1}), 1));
    CHECK(zookeeper::without_replica(state_of(0, set_of({0})), BrokerSlot{0})->state ==
          state_of(-1, set_of({0}), 1)); // the last member stays
    CHECK(!zookeeper::without_replica(state_of(-1, set_of({0})), BrokerSlot{0}));
    CHECK(zookeeper::create(assignment, set_of({1, 2}))->state == state_of(1, set_of({1, 2})));
    CHECK(!zookeeper::create(assignment, {}));
}

TEST_CASE("ensemble: replicas stand in the topic's node, and a leader's write leaves them alone") {
    Ensemble all;
    PartitionState state = state_of(0, set_of({0, 1, 2}));
    state.replicas = assignment_of({0, 1, 2});
    state.removing = set_of({2});
    const auto assign = [&](Epoch controller) {
        return all
            .ask(2, ZooKeeperCall::write_assignments, 0,
                 {PartitionRecord{PartitionIndex{0}, state, {}, ChangeCause::created, false}}, controller)
            .error;
    };
    CHECK(assign(Epoch{0}) == ZooKeeperError::controller_moved);
    CHECK(!is_reassigning(all.store.partitions[0]));
    CHECK(assign(Epoch{1}) == ZooKeeperError::none);
    CHECK(is_reassigning(all.store.partitions[0]));
    CHECK(all.store.partitions[0].partition_epoch == PartitionEpoch{0}); // no new version of the state
    CHECK(all.events.empty());
    CHECK(all.write(0, state_of(0, set_of({0, 1}))));
    CHECK(all.store.partitions[0].removing == set_of({2}));
    REQUIRE(all.events.size() == 1); // PartitionReassignmentIsrChangeHandler, of the controller
    CHECK(all.events[0].first == 2);
    CHECK(all.events[0].second.nodes == ZooKeeperNodes::moving);
}

TEST_CASE("ensemble: entries under /admin are watched, stand once, and go with what they ask for") {
    Ensemble all;
    const AdminNodeRecord entry{
        AdminNodeRecord::Kind::delete_topic, PartitionIndex{-1}, TopicIndex{0}, no_slot, {}};
    const auto admin = static_cast<std::uint8_t>(bit(ZooKeeperNodes::admin));
    all.kernel.slabs.metadata_records.release(all.ask(2, ZooKeeperCall::read, admin).content);
    {
        Turn turn(all.kernel, all.configuration, all.ensemble());
        CHECK(set_admin_node(all.store, entry, turn));
        CHECK_FALSE(set_admin_node(all.store, entry, turn));
    }
    all.advance({});
    REQUIRE(all.events.size() == 1);
    CHECK(all.events[0].second.nodes == ZooKeeperNodes::admin);
    CHECK(describe(all.store, admin).size() == 1);
    CHECK(all.ask(2, ZooKeeperCall::delete_topics, 0, {entry}, Epoch{0}).error ==
          ZooKeeperError::controller_moved);
    CHECK(!all.store.partitions[0].deleted);
    CHECK(all.ask(2, ZooKeeperCall::delete_topics, 0, {entry}, Epoch{1}).error == ZooKeeperError::none);
    CHECK(all.store.partitions[0].deleted);
    CHECK(all.store.admin.empty());
    CHECK(!all.write(0, state_of(0, set_of({0, 1})))); // nobody finds the node any more
}

TEST_CASE("ensemble: a broker that tells of a directory is told of once") {
    Ensemble all;
    const auto directories = static_cast<std::uint8_t>(bit(ZooKeeperNodes::directories));
    all.kernel.slabs.metadata_records.release(all.ask(2, ZooKeeperCall::read, directories).content);
    all.ask(1, ZooKeeperCall::notify_directory);
    REQUIRE(all.events.size() == 1);
    const ZooKeeperResponse first = all.ask(2, ZooKeeperCall::read, directories);
    const std::vector<MetadataRecord> read = all.kernel.slabs.metadata_records.open(first.content).records;
    all.kernel.slabs.metadata_records.release(first.content);
    REQUIRE(read.size() == 1);
    CHECK(std::get<AdminNodeRecord>(read[0]).broker == BrokerSlot{1});
    CHECK(all.store.directory_events.empty());
}
