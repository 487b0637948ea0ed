// A cluster under ZooKeeper: sessions, who controls, who leads, and orders that come too late.

#include "models/broker/parts.hpp"
#include "models/cluster/control_plane.hpp"
#include "tests/cluster/driven.hpp"

using namespace kafka;

namespace {

using cluster_test::Driven;

/// Three brokers, the last one is the controller; orders-0 is led by the first.
std::string with_zookeeper(const std::string& release, const std::string& rest,
                           const std::string& config = "{}") {
    return R"({"release": ")" + release + R"(", "metadata": "zookeeper", "config": )" + config + R"(,
        "topics": [{"name": "orders", "assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2}}],
        "producers": [{"name": "shop", "topic": "orders", "records": {"count": 6000, "rate": 100},
                       "config": {"acks": "all", "retries": 2147483647}}],)" +
           rest + "}";
}

std::int64_t ended_ms(const Driven& run, int broker) {
    return run.first_ms<fact::BrokerChanged>(
        [&](const auto& f) { return f.broker == Driven::slot(broker) && f.event == BrokerEvent::fenced; });
}

std::int64_t controls_ms(const Driven& run, Epoch epoch) {
    return run.first_ms<fact::ControllerChanged>([&](const auto& f) { return f.active && f.epoch == epoch; });
}

std::size_t ignored(const Driven& run, const std::string& reason) {
    return run
        .all<fact::Ignored>(
            [&](const auto& f) { return std::string(f.reason).find(reason) != std::string::npos; })
        .size();
}

void run_to(Driven& run, std::int64_t seconds) {
    run.until([&] { return run.world.kernel.now > sim::SimTime{seconds * 1000000}; });
}

/// Gives the broker an order by hand, as if it had been served.
void order(Driven& run, int broker, ControlKind kind, const PartitionState& state, BrokerEpoch epoch,
           Epoch controller_epoch = Epoch{1}) {
    Turn turn(run.world.kernel, *run.configuration, Addresses::broker(Driven::slot(broker)));
    ControlRequest request{kind, Driven::slot(3), controller_epoch, epoch,
                           turn.slabs().metadata_records.acquire()};
    turn.slabs().metadata_records.open(request.content).records = {
        PartitionRecord{Driven::at(0), state, {}, ChangeCause::created, false}};
    Broker& obeying = run.world.brokers[static_cast<std::size_t>(broker - 1)];
    CHECK(parts::handle_control_request(obeying, sim::no_connection, request, turn));
}

bool fetches(const Driven& run, int broker) {
    for (const Fetcher& one : run.world.brokers[static_cast<std::size_t>(broker - 1)].memory.fetchers)
        if (!one.replicas.empty()) return true;
    return false;
}

} // namespace

TEST_CASE("zookeeper: a dead leader is replaced when its session ends, after 6 s or 18 s by release") {
    const std::string faults =
        R"("faults": [{"at": "10s", "do": "crash", "target": "broker 1"}], "until": "45s")";
    for (const auto& [release, timeout] :
         {std::pair{"0.10.2", 6000}, std::pair{"2.3", 6000}, std::pair{"3.9", 18000}}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(with_zookeeper(release, faults));
        run.to_the_end();
        // A sign of life each third of it, and the end of a tick of 3 s.
        CHECK(ended_ms(run, 1) >= 10000 + timeout * 2 / 3);
        CHECK(ended_ms(run, 1) <= 10000 + timeout + 3100);
        CHECK(run.decided().leader == Driven::slot(2));
        CHECK(run.decided().isr == Driven::set({2, 3}));
        CHECK(run.change_ms(ChangeCause::broker_fenced) - ended_ms(run, 1) < 100);
        CHECK(run.ledger.streams[0].lost == 0);
    }
}

TEST_CASE("zookeeper: the session time-out is a setting, and the ensemble bounds it by its tick") {
    const std::string faults =
        R"("faults": [{"at": "10s", "do": "crash", "target": "broker 1"}], "until": "45s")";
    Driven longer(with_zookeeper("2.3", faults, R"({"zookeeper.session.timeout.ms": 12000})"));
    longer.to_the_end();
    CHECK(ended_ms(longer, 1) >= 18000);
    CHECK(ended_ms(longer, 1) <= 25100);
    Driven shorter(with_zookeeper("2.3", faults, R"({"zookeeper.session.timeout.ms": 1000})"));
    shorter.to_the_end();
    CHECK(ended_ms(shorter, 1) > 15000); // two ticks at the least
}

TEST_CASE("zookeeper: another broker becomes the controller, in the next epoch, when the controller dies") {
    Driven run(with_zookeeper("2.3", R"("faults": [{"at": "10s", "do": "crash", "target": "controller"},
                                                   {"at": "30s", "do": "start", "target": "broker 3"}],
                                        "until": "60s")"));
    run.to_the_end();
    CHECK(controls_ms(run, Epoch{2}) >= ended_ms(run, 3));
    CHECK(controls_ms(run, Epoch{2}) < ended_ms(run, 3) + 200);
    const BrokerSlot now = run.world.zookeeper.front().controller;
    CHECK((now == Driven::slot(1) || now == Driven::slot(2)));
    CHECK(run.world.zookeeper.front().controller_epoch == Epoch{2});
    CHECK(run.decided().leader == Driven::slot(1)); // the data path goes on
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.ledger.streams[0].lost == 0);
}

// Goal: 1. The controller's order to broker 1 is held up. 2. The controller stands still until its session
// has ended, and another is elected. 3. The order arrives: the broker obeys a newer epoch, and refuses.
TEST_CASE("zookeeper: what a former controller has ordered is refused by its epoch") {
    Driven run(with_zookeeper("2.3", R"("faults": [
        {"at": "5s", "do": "cut", "between": ["broker 3", "broker 1"], "how": "stall", "listener": "control",
         "direction": "forward", "for": "35s"},
        {"at": "6s", "do": "crash", "target": "broker 2"},
        {"at": "20s", "do": "pause", "target": "broker 3", "for": "40s"}], "until": "90s")"));
    run_to(run, 39);
    CHECK(controls_ms(run, Epoch{2}) > 20000);
    CHECK(ignored(run, "an order of a former controller") == 0);
    run_to(run, 45);
    CHECK(ignored(run, "an order of a former controller") > 0);
    run.to_the_end();
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.world.zookeeper.front().controller == Driven::slot(1));
}

// Goal: semantics 9.21. 1. The controller takes a dead follower out of the ISR; its LeaderAndIsr does not
// reach the leader. 2. The leader finds the follower behind and writes the node in the version that it knows:
// in vain, each time. 3. The order arrives, and the leader's writes succeed again.
TEST_CASE("zookeeper: a leader whose cached version is old writes its ISR in vain until it is told") {
    Driven run(with_zookeeper("2.3", R"("faults": [
        {"at": "5s", "do": "cut", "between": ["broker 3", "broker 1"], "listener": "control", "for": "45s"},
        {"at": "6s", "do": "crash", "target": "broker 2"},
        {"at": "65s", "do": "start", "target": "broker 2"}], "until": "100s")"));
    run_to(run, 49);
    CHECK(run.decided().leader_epoch == Epoch{1});
    const auto* stuck = std::get_if<Leader>(&run.replica(1).role);
    REQUIRE(stuck != nullptr);
    CHECK(stuck->leader_epoch == Epoch{0});
    CHECK(stuck->isr.size() == 3);
    CHECK(ignored(run, "cached zkVersion") >= 4); // every 5 s
    run_to(run, 64);
    const std::size_t in_vain = ignored(run, "cached zkVersion");
    CHECK(std::get<Leader>(run.replica(1).role).leader_epoch == Epoch{1});
    CHECK(std::get<Leader>(run.replica(1).role).isr == Driven::set({1, 3}));
    run.to_the_end();
    CHECK(ignored(run, "cached zkVersion") == in_vain);
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE("zookeeper: a leader changes the ISR by itself, from 2.7 on through the controller") {
    const std::string faults = R"("faults": [{"at": "5s", "do": "cut", "between": ["broker 2", "broker 1"],
                                   "how": "stall", "listener": "replication", "for": "50s"}],
                                   "until": "80s")";
    for (const char* release : {"2.3", "2.6", "2.7", "3.2", "3.9"}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(with_zookeeper(release, faults));
        run.to_the_end();
        const std::int64_t shrink = run.change_ms(ChangeCause::isr_shrink);
        const bool short_lag = std::string(release) == "2.3"; // 10 s before 2.5, 30 s since
        CHECK(shrink >= (short_lag ? 15000 : 35000));
        CHECK(shrink <= (short_lag ? 20100 : 50100));
        CHECK(run.decided().isr.size() == 3);
        CHECK(run.decided().leader_epoch == Epoch{0}); // a leader's change counts no leader epoch
        CHECK(run.ledger.streams[0].lost == 0);
    }
}

TEST_CASE("zookeeper: a watch that is late delays the election") {
    Driven run(with_zookeeper("3.9", R"("faults": [
        {"at": "5s", "do": "slow", "between": ["zookeeper", "broker 3"], "direction": "forward",
         "latency": "4s"},
        {"at": "10s", "do": "crash", "target": "broker 1"}], "until": "60s")"));
    run.to_the_end();
    const std::int64_t elected = run.change_ms(ChangeCause::broker_fenced);
    CHECK(elected - ended_ms(run, 1) >= 3000); // the watch, and then the list of brokers
    CHECK(elected - ended_ms(run, 1) < 12000);
}

TEST_CASE("zookeeper: a leader that collects longer than its session registers anew and follows") {
    Driven run(
        with_zookeeper("2.3", R"("faults": [{"at": "10s", "do": "gc", "target": "broker 1", "for": "15s"}],
                                        "until": "60s")"));
    run.to_the_end();
    const auto registered = run.all<fact::BrokerChanged>(
        [](const auto& f) { return f.broker == Driven::slot(1) && f.event == BrokerEvent::registered; });
    REQUIRE(registered.size() == 1);
    CHECK(registered.front().first >= sim::SimTime{25000000});
    CHECK(registered.front().second.broker_epoch > BrokerEpoch{1});
    CHECK(run.decided().leader == Driven::slot(2));
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.ledger.streams[0].lost == 0);
    Driven shorter(
        with_zookeeper("2.3", R"("faults": [{"at": "10s", "do": "gc", "target": "broker 1", "for": "3s"}],
                                            "until": "40s")"));
    shorter.to_the_end();
    CHECK(shorter.decided().leader_epoch == Epoch{0});
}

TEST_CASE("zookeeper: a broker that is told to stop hands over first, and its node goes at once") {
    for (const char* release : {"0.10.2", "2.3", "3.9"}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(with_zookeeper(release, R"("faults": [{"at": "10s", "do": "stop", "target": "broker 1"},
                                                         {"at": "20s", "do": "start", "target": "broker 1"}],
                                              "until": "60s")"));
        run.to_the_end();
        CHECK(run.change_ms(ChangeCause::controlled_shutdown) >= 10000);
        CHECK(run.change_ms(ChangeCause::controlled_shutdown) < 10200);
        CHECK(ended_ms(run, 1) < 10500);
        CHECK(run.decided().leader == Driven::slot(2));
        CHECK(run.decided().isr.size() == 3);
        CHECK(run.ledger.streams[0].lost == 0);
        CHECK(run.ledger.producers[0].longest_gap < sim::seconds(2));
    }
}

TEST_CASE("zookeeper: without a controller a broker stops after three attempts") {
    Driven run(with_zookeeper("2.3", R"("faults": [{"at": "9s", "do": "crash", "target": "controller"},
                                                   {"at": "9s", "do": "crash", "target": "broker 2"},
                                                   {"at": "10s", "do": "stop", "target": "broker 1"}],
                                        "until": "60s")",
                              R"({"zookeeper.session.timeout.ms": 60000})"));
    run.to_the_end();
    const std::int64_t stopped = run.first_ms<fact::BrokerChanged>(
        [](const auto& f) { return f.broker == Driven::slot(1) && f.event == BrokerEvent::stopped; });
    CHECK(stopped >= 20000); // two pauses of controlled.shutdown.retry.backoff.ms
    CHECK(stopped < 21000);
    CHECK(ignored(run, "controlled shutdown has not succeeded") == 1);
}

// Goal: semantics 9.34. A broker is back before the controller has looked: to 2.1 it sees the same brokers as
// before and tells the new process nothing; with broker epochs (KIP-380) it sees that it bounced.
TEST_CASE("zookeeper: a broker that bounces unseen gets no roles before 2.2") {
    const std::string faults = R"("faults": [
        {"at": "5s", "do": "slow", "between": ["zookeeper", "broker 3"], "direction": "forward",
         "latency": "8s"},
        {"at": "6s", "do": "stop", "target": "broker 2"},
        {"at": "6500ms", "do": "start", "target": "broker 2"}],
        "until": "60s")";
    const std::string config =
        R"({"controlled.shutdown.enable": false, "zookeeper.session.timeout.ms": 60000})";
    for (const auto& [release, told] : {std::pair{"2.1", false}, std::pair{"2.2", true}}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(with_zookeeper(release, faults, config));
        run.to_the_end();
        CHECK(std::holds_alternative<Unassigned>(run.replica(2).role) != told);
        CHECK(run.decided().isr.has(Driven::slot(2)) == told);
    }
}

TEST_CASE("zookeeper: a process that comes back before its session has ended may not register yet") {
    Driven run(with_zookeeper("3.9", R"("faults": [{"at": "10s", "do": "crash", "target": "broker 2"},
                                                   {"at": "10500ms", "do": "start", "target": "broker 2"}],
                                        "until": "60s")"));
    run.to_the_end();
    const auto seen = [&](BrokerEvent event) {
        return run.first_ms<fact::BrokerChanged>(
            [&](const auto& f) { return f.broker == Driven::slot(2) && f.event == event; });
    };
    CHECK(seen(BrokerEvent::registration_refused) > 10000);
    CHECK(seen(BrokerEvent::stopped) >= seen(BrokerEvent::registration_refused)); // and is started again
    const auto starts = run.all<fact::BrokerChanged>(
        [](const auto& f) { return f.broker == Driven::slot(2) && f.event == BrokerEvent::started; });
    CHECK(starts.size() >= 3);
    CHECK(seen(BrokerEvent::registered) >= ended_ms(run, 2));
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE(
    "zookeeper: LeaderAndIsr of an older leader epoch, and orders for a former registration, do nothing") {
    Driven run(with_zookeeper("2.3", R"("until": "60s")"));
    run_to(run, 5);
    PartitionState state = run.decided();
    state.leader = Driven::slot(2);
    state.leader_epoch = Epoch{5};
    order(run, 1, ControlKind::leader_and_isr, state, BrokerEpoch{0});
    CHECK(std::holds_alternative<Leader>(run.replica(1).role)); // STALE_BROKER_EPOCH
    order(run, 1, ControlKind::leader_and_isr, state, BrokerEpoch{1}, Epoch{0});
    CHECK(std::holds_alternative<Leader>(run.replica(1).role)); // STALE_CONTROLLER_EPOCH
    order(run, 1, ControlKind::leader_and_isr, state, BrokerEpoch{1});
    CHECK(std::holds_alternative<Follower>(run.replica(1).role));
    state.leader = Driven::slot(1);
    state.leader_epoch = Epoch{4};
    order(run, 1, ControlKind::leader_and_isr, state, BrokerEpoch{1});
    CHECK(std::holds_alternative<Follower>(run.replica(1).role));
    Driven older(with_zookeeper("2.1", R"("until": "60s")"));
    run_to(older, 5);
    state.leader = Driven::slot(2);
    state.leader_epoch = Epoch{5};
    order(older, 1, ControlKind::leader_and_isr, state, BrokerEpoch{0}); // before KIP-380 nobody looks
    CHECK(std::holds_alternative<Follower>(older.replica(1).role));
}

TEST_CASE("zookeeper: a StopReplica of an older leader epoch stops a replica before 2.6 only") {
    for (const auto& [release, stops] : {std::pair{"2.5", true}, std::pair{"2.6", false}}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(with_zookeeper(release, R"("until": "60s")"));
        run_to(run, 5);
        PartitionState state = run.decided();
        state.leader_epoch = Epoch{3};
        order(run, 2, ControlKind::leader_and_isr, state, BrokerEpoch{2});
        REQUIRE(fetches(run, 2));
        state.leader_epoch = Epoch{2};
        order(run, 2, ControlKind::stop_replica, state, BrokerEpoch{2});
        CHECK(fetches(run, 2) != stops);
    }
}

TEST_CASE("zookeeper: while the ensemble is away nothing is decided, and its sessions begin anew with it") {
    Driven run(with_zookeeper("2.3", R"("faults": [{"at": "10s", "do": "crash", "target": "zookeeper"},
                                                   {"at": "11s", "do": "crash", "target": "broker 1"},
                                                   {"at": "30s", "do": "start", "target": "zookeeper"}],
                                        "until": "70s")"));
    run_to(run, 30);
    CHECK(run.decided().leader == Driven::slot(1));
    CHECK(!controller_answers(run.world));
    run.to_the_end();
    CHECK(run.decided().leader == Driven::slot(2));
    CHECK(ended_ms(run, 1) > 36000);
    CHECK(ended_ms(run, 2) == -1);
    CHECK(run.world.zookeeper.front().controller_epoch == Epoch{1});
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE("zookeeper: administrators change settings, elect leaders and add partitions") {
    Driven run(R"({"release": "3.9", "metadata": {"type": "zookeeper", "controller": 2},
        "topics": [{"name": "orders", "assignment": [[1, 2, 3]]}],
        "faults": [{"at": "5s", "do": "stop", "target": "broker 1"},
                   {"at": "10s", "do": "start", "target": "broker 1"},
                   {"at": "20s", "do": "elect", "type": "preferred", "target": "orders-0"},
                   {"at": "25s", "do": "create_partitions", "target": "topic orders", "partitions": 2},
                   {"at": "30s", "do": "set", "target": "topic orders",
                    "config": {"min.insync.replicas": 3}}],
        "until": "40s"})");
    run_to(run, 15);
    CHECK(run.decided().leader == Driven::slot(2));
    run_to(run, 21);
    CHECK(run.decided().leader == Driven::slot(1));
    CHECK(run.world.brokers[1].memory.image.partitions[0].leader == Driven::slot(1)); // every broker is told
    CHECK(!exists(run.decided(1)));
    run_to(run, 26);
    REQUIRE(exists(run.decided(1)));
    CHECK(run.decided(1).isr.size() == 3);
    run.to_the_end();
    CHECK(run.world.brokers[2].memory.image.topics[0].min_insync_replicas == 3);
}

TEST_CASE("zookeeper: unclean election that is enabled on a topic is acted on at once from 2.1 on") {
    for (const auto& [release, acts] : {std::pair{"2.0", false}, std::pair{"2.1", true}}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(std::string(R"({"release": ")") + release + R"(", "metadata": "zookeeper",
            "topics": [{"name": "orders", "assignment": [[1, 2]]}],
            "faults": [{"at": "5s", "do": "crash", "target": "broker 2"},
                       {"at": "25s", "do": "crash", "target": "broker 1"},
                       {"at": "26s", "do": "start", "target": "broker 2"},
                       {"at": "60s", "do": "set", "target": "topic orders",
                        "config": {"unclean.leader.election.enable": true}}], "until": "65s"})");
        run_to(run, 59);
        CHECK(run.decided().leader == no_slot);
        CHECK(run.decided().isr == Driven::set({1})); // the last member stays
        run.to_the_end();
        CHECK(run.decided().leader == (acts ? Driven::slot(2) : no_slot));
        CHECK(run.decided().isr == (acts ? Driven::set({2}) : Driven::set({1})));
    }
}
