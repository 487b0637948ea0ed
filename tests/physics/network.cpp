// What TCP does that matters to Kafka.

#include "sim/physics/network.hpp"

#include "sim/queue/timing_wheel.hpp"

#include <doctest/doctest.h>

#include <algorithm>

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

TEST_CASE("network: a process refuses connections until its port is open") {
    Pair pair;
    pair.network.kill(pair.server, pair.now, pair.choices, pair.schedule());
    pair.run(sim::SimTime{1000000});
    pair.network.start(pair.server, false);
    pair.connect();
    CHECK(pair.last() == Notice::Kind::refused);
    pair.network.listen(pair.server);
    pair.connect();
    CHECK(pair.last() == Notice::Kind::connected);
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

namespace {

/// When each of `count` messages, sent 10 ms apart, came after it was sent.
std::vector<std::int64_t> delays(Pair& pair, sim::ConnectionId id, int count) {
    std::vector<std::int64_t> sent;
    pair.notices.clear();
    for (int i = 0; i < count; ++i) {
        sent.push_back(pair.now.micros);
        pair.send(id, sim::Side::client, i);
        pair.run(pair.now + sim::milliseconds(10));
    }
    pair.run(pair.now + sim::seconds(600));
    REQUIRE(pair.notices.size() == sent.size());
    std::vector<std::int64_t> all;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        CHECK(pair.notices[i].second.mail == static_cast<int>(i));
        all.push_back(pair.notices[i].first - sent[i]);
    }
    return all;
}

} // namespace

TEST_CASE("network: a lost segment costs a retransmission time-out, and what comes behind waits for it") {
    Pair pair;
    const sim::ConnectionId id = pair.connect();
    sim::LinkRule lossy = cut(pair, sim::Verdict::slow);
    lossy.loss_ppm = 50000;
    pair.network.add_rule(lossy, pair.now, pair.choices, pair.schedule());
    const std::vector<std::int64_t> all = delays(pair, id, 2000);
    const auto late = std::count_if(all.begin(), all.end(), [](std::int64_t one) { return one >= 201000; });
    CHECK(late > 50); // 5 % of 2000 are lost, some of them behind a lost one or twice
    CHECK(late < 500);
    CHECK(*std::min_element(all.begin(), all.end()) < 1100);
    const auto behind =
        std::count_if(all.begin(), all.end(), [](std::int64_t one) { return one > 2000 && one < 200000; });
    CHECK(behind > 2 * late); // up to nineteen messages wait behind each lost one
}

TEST_CASE("network: large messages are lost more often than small ones") {
    CHECK(sim::arrives_whole(1, 10000) == 990000000);
    CHECK(sim::arrives_whole(1448, 10000) == 990000000);
    CHECK(sim::arrives_whole(1449, 10000) == 980100000);
    CHECK(sim::arrives_whole(144800, 10000) < 370000000); // 0.99^100 = 0.366
    CHECK(sim::arrives_whole(144800, 10000) > 360000000);
    CHECK(sim::arrives_whole(5000, 0) == 1000000000);
}

TEST_CASE("network: jitter is drawn for each message, and order is kept") {
    Pair pair;
    const sim::ConnectionId id = pair.connect();
    sim::LinkRule rule = cut(pair, sim::Verdict::slow);
    rule.jitter = sim::LatencyTable{sim::milliseconds(4), sim::milliseconds(40), sim::milliseconds(80)};
    pair.network.add_rule(rule, pair.now, pair.choices, pair.schedule());
    std::vector<std::int64_t> all = delays(pair, id, 500);
    std::sort(all.begin(), all.end());
    CHECK(all.front() >= 2500); // half of the p50 of both: the least of a table
    CHECK(all[250] < 25000);    // many wait behind a late one
    CHECK(all.back() > 35000);
}

TEST_CASE("network: a new key draws from a stream of its own") {
    Pair plain;
    Pair lossy;
    for (Pair* pair : {&plain, &lossy}) {
        pair->network.latency = {sim::milliseconds(1), sim::milliseconds(9), sim::milliseconds(9)};
        const sim::ConnectionId id = pair->connect();
        sim::LinkRule rule = cut(*pair, sim::Verdict::slow);
        rule.close_delay = sim::seconds(1);
        if (pair == &lossy) rule.jitter = sim::LatencyTable{};
        pair->network.add_rule(rule, pair->now, pair->choices, pair->schedule());
        delays(*pair, id, 50);
    }
    REQUIRE(plain.notices.size() == lossy.notices.size());
    for (std::size_t i = 0; i < plain.notices.size(); ++i)
        CHECK(plain.notices[i].first == lossy.notices[i].first);
}

TEST_CASE("network: a slow close tells the end of a connection late") {
    Pair pair;
    pair.connect();
    sim::LinkRule rule = cut(pair, sim::Verdict::slow);
    std::swap(rule.from, rule.to); // from the server
    rule.close_delay = sim::seconds(7);
    pair.network.add_rule(rule, pair.now, pair.choices, pair.schedule());
    pair.notices.clear();
    pair.network.kill(pair.server, pair.now, pair.choices, pair.schedule());
    const sim::SimTime killed = pair.now;
    pair.run(pair.now + sim::seconds(6));
    CHECK(pair.notices.empty());
    pair.run(pair.now + sim::seconds(2));
    REQUIRE(pair.last() == Notice::Kind::disconnected);
    CHECK(pair.notices.back().first - killed.micros >= 7000000);
}

TEST_CASE("network: a cut holds on a link that is slow from the start, and a later slowness changes it") {
    Pair pair;
    const sim::ConnectionId id = pair.connect();
    sim::LinkRule slow = cut(pair, sim::Verdict::slow);
    slow.latency = sim::LatencyTable{sim::milliseconds(15), sim::milliseconds(15), sim::milliseconds(15)};
    pair.network.add_rule(slow, pair.now, pair.choices, pair.schedule());
    sim::LinkRule silence = cut(pair, sim::Verdict::silence);
    silence.id = 2;
    pair.network.add_rule(silence, pair.now, pair.choices, pair.schedule());
    pair.notices.clear();
    pair.send(id, sim::Side::client, 1);
    pair.run(pair.now + sim::seconds(1));
    CHECK(pair.notices.empty());
    pair.network.remove_rule(2, pair.now, pair.choices, pair.schedule());
    pair.run(pair.now + sim::seconds(30));
    CHECK(pair.notices.size() == 1);
    slow.id = 3;
    slow.latency = sim::LatencyTable{sim::milliseconds(90), sim::milliseconds(90), sim::milliseconds(90)};
    pair.network.add_rule(slow, pair.now, pair.choices, pair.schedule());
    const std::int64_t later = delays(pair, id, 1).front();
    CHECK(later >= 45000); // half of p50
    CHECK(later <= 90000);
}
