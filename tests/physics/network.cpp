// What TCP does that matters to Kafka.

#include "sim/physics/network.hpp"

#include "sim/queue/timing_wheel.hpp"

#include <doctest/doctest.h>

namespace {

using Network = sim::Network<int>;
using Signal = sim::Signal<int>;
using Notice = sim::Notice<int>;

/// Two processes on two hosts, 1 ms apart, and everything that they learn.
struct Pair {
    Network network;
    sim::TimingWheel<Signal> queue;
    sim::Choices choices{1, {}};
    sim::ProcessId client, server;
    std::vector<std::pair<std::int64_t, Notice>> notices;
    sim::SimTime now;

    Pair() {
        network.latency = {sim::milliseconds(1), sim::milliseconds(1), sim::milliseconds(1)};
        client = network.add_process(network.add_host(), sim::ProcessState::up);
        server = network.add_process(network.add_host(), sim::ProcessState::up);
    }
    auto schedule() {
        return [this](sim::SimTime when, const Signal& signal) { queue.schedule(when, signal); };
    }
    void run(sim::SimTime until) {
        while (queue.next_time() <= until && !queue.empty()) {
            const auto event = queue.pop();
            now = event.time;
            const Notice notice = network.on(event.payload, now, choices, schedule());
            if (notice.kind != Notice::Kind::none) notices.push_back({now.micros, notice});
        }
        now = until;
    }
    sim::ConnectionId connect() {
        const sim::ConnectionId id = network.open(client, server, 0, now, choices, schedule());
        run(now + sim::milliseconds(10));
        return id;
    }
    void send(sim::ConnectionId id, sim::Side from, int mail) {
        network.send(id, from, mail, 100, now, choices, schedule());
    }
    Notice::Kind last() const { return notices.empty() ? Notice::Kind::none : notices.back().second.kind; }
};

sim::LinkRule cut(const Pair& pair, sim::Verdict verdict) {
    sim::LinkRule rule;
    rule.id = 1;
    rule.from.add(pair.client);
    rule.to.add(pair.server);
    rule.verdict = verdict;
    return rule;
}

} // namespace

TEST_CASE("network: a connection keeps order whatever the latencies") {
    Pair pair;
    pair.network.latency = {sim::microseconds(100), sim::milliseconds(50), sim::milliseconds(100)};
    const sim::ConnectionId id = pair.connect();
    pair.run(sim::SimTime{1000000});
    pair.notices.clear();
    for (int i = 0; i < 200; ++i)
        pair.send(id, sim::Side::client, i);
    pair.run(sim::SimTime{9000000});
    REQUIRE(pair.notices.size() == 200);
    for (int i = 0; i < 200; ++i)
        CHECK(pair.notices[static_cast<std::size_t>(i)].second.mail == i);
}

TEST_CASE("network: a dead process on a live host answers with a reset") {
    Pair pair;
    const sim::ConnectionId id = pair.connect();
    CHECK(pair.last() == Notice::Kind::connected);
    pair.network.kill(pair.server, pair.now, pair.choices, pair.schedule());
    pair.run(pair.now + sim::milliseconds(5));
    CHECK(pair.last() == Notice::Kind::disconnected);
    CHECK(!pair.network.is_open(id, sim::Side::client));
    pair.connect();
    CHECK(pair.last() == Notice::Kind::refused);
}

TEST_CASE("network: a dead host answers with silence, and with a reset once it is back") {
    Pair pair;
    const sim::ConnectionId id = pair.connect();
    pair.notices.clear();
    pair.network.lose_power(pair.network.host_of(pair.server));
    pair.send(id, sim::Side::client, 1);
    pair.network.open(pair.client, pair.server, 0, pair.now, pair.choices, pair.schedule());
    pair.run(pair.now + sim::seconds(5));
    CHECK(pair.notices.empty());
    pair.network.restore_power(pair.network.host_of(pair.server));
    pair.network.start(pair.server);
    pair.run(pair.now + sim::seconds(20)); // a retransmission finds nobody who knows the connection
    bool disconnected = false;
    bool connected = false;
    for (const auto& [time, notice] : pair.notices) {
        disconnected = disconnected || notice.kind == Notice::Kind::disconnected;
        connected = connected || notice.kind == Notice::Kind::connected;
    }
    CHECK(disconnected);
    CHECK(connected);
}

TEST_CASE("network: a cut link is silent and delivers after it heals") {
    Pair pair;
    const sim::ConnectionId id = pair.connect();
    pair.notices.clear();
    pair.network.add_rule(cut(pair, sim::Verdict::silence), pair.now, pair.choices, pair.schedule());
    pair.send(id, sim::Side::client, 1);
    pair.send(id, sim::Side::client, 2);
    pair.send(id, sim::Side::server, 3); // one way only
    pair.run(pair.now + sim::seconds(3));
    REQUIRE(pair.notices.size() == 1);
    CHECK(pair.notices[0].second.mail == 3);
    pair.network.remove_rule(1, pair.now, pair.choices, pair.schedule());
    const sim::SimTime healed = pair.now;
    pair.run(pair.now + sim::seconds(10));
    REQUIRE(pair.notices.size() == 3);
    CHECK(pair.notices[1].second.mail == 1);
    CHECK(pair.notices[2].second.mail == 2);
    CHECK(pair.notices[1].first > healed.micros + 1000); // not before the next retransmission
}

TEST_CASE("network: a stalled link flows at once when it is released") {
    Pair pair;
    const sim::ConnectionId id = pair.connect();
    pair.notices.clear();
    pair.network.add_rule(cut(pair, sim::Verdict::stall), pair.now, pair.choices, pair.schedule());
    pair.send(id, sim::Side::client, 1);
    pair.run(pair.now + sim::seconds(30));
    CHECK(pair.notices.empty());
    pair.network.remove_rule(1, pair.now, pair.choices, pair.schedule());
    pair.run(pair.now + sim::milliseconds(2));
    REQUIRE(pair.notices.size() == 1);
    CHECK(pair.notices[0].second.mail == 1);
}

TEST_CASE("network: the socket buffer of a process that does not read fills") {
    Pair pair;
    const sim::ConnectionId id = pair.connect();
    pair.network.send(id, sim::Side::client, 1, 200 * 1024, pair.now, pair.choices, pair.schedule());
    CHECK(pair.network.may_write(id, sim::Side::client));
    pair.network.send(id, sim::Side::client, 2, 100 * 1024, pair.now, pair.choices, pair.schedule());
    CHECK(!pair.network.may_write(id, sim::Side::client));
    pair.notices.clear();
    pair.run(pair.now + sim::seconds(1));
    CHECK(pair.last() == Notice::Kind::writable);
    CHECK(pair.network.may_write(id, sim::Side::client));
}

TEST_CASE("process sets: any of the processes, and all but those") {
    sim::ProcessSet set;
    CHECK(set.empty());
    set.add(sim::ProcessId{3});
    set.add(sim::ProcessId{900});
    CHECK(set.has(sim::ProcessId{900}));
    CHECK(!set.has(sim::ProcessId{899}));
    CHECK(all_except(set).has(sim::ProcessId{899}));
    CHECK(!all_except(set).has(sim::ProcessId{3}));
}
