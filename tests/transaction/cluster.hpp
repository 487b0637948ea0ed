#pragma once
// A cluster with a transactional id; the test plays its producer, request by request.

#include "models/broker/parts.hpp"
#include "models/check/invariants.hpp"
#include "models/cluster/world.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>

namespace kafka {

struct TransactionCluster {
    std::shared_ptr<const Configuration> configuration;
    World world;
    Invariants invariants;
    std::vector<fact::TransactionChanged> changed;
    std::vector<fact::MarkerWritten> markers;
    std::vector<fact::LastStableOffsetMoved> stable;
    std::vector<fact::ProduceAnswered> answered;
    std::vector<fact::OffsetCommitted> committed;
    ProducerId producer_id{1};
    std::int16_t epoch = 0;
    std::array<std::int32_t, 2> sequences{}; // by partition
    TransactionSupport support = TransactionSupport::adds_partition;
    Offset served = no_offset;

    /// "orders" and "paid" have one partition each; `extra` begins with a comma.
    static std::shared_ptr<const Configuration> configuration_of(const std::string& release,
                                                                 const std::string& extra) {
        const SettingTables tables;
        const std::string text = R"({"release":")" + release + R"(",
            "topics":[{"name":"orders","assignment":[[1,2,3]]},{"name":"paid","assignment":[[2,3,1]]}],
            "producers":[{"name":"p","records":{"count":10,"rate":10},"start":"1h",
                          "config":{"transactional.id":"mover"}},
                         {"name":"q","topic":"orders","records":{"count":10,"rate":10},"start":"1h",
                          "config":{"transactional.id":"other"}}],
            "consumers":[{"name":"d","group":"billing","start":"1h"}],"until":"300s")" +
                                 extra + "}";
        ReadResult result = read_scenario(text, "x", {}, tables);
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return result.scenario->configuration;
    }
    explicit TransactionCluster(const std::string& release = "4.3", const std::string& extra = "")
        : configuration(configuration_of(release, extra)), world(make_world(configuration, 1)),
          invariants(*configuration) {
        if (!version_2()) support = TransactionSupport::verified;
    }

    PartitionIndex orders{0};
    PartitionIndex paid{1};
    bool version_2() const { return configuration->broker(BrokerSlot{0}).dialect.transaction.version_2; }
    PartitionIndex state() const {
        return configuration->transactional_id(TransactionalIdIndex{0}).partition;
    }
    PartitionIndex offsets() const { return configuration->group(GroupIndex{0}).partition; }
    Broker& leader(PartitionIndex partition) {
        return world.brokers[static_cast<std::size_t>(decided_state(world, partition).leader.value)];
    }
    Replica& replica(PartitionIndex partition) {
        Broker& broker = leader(partition);
        return parts::replica_at(broker, position_of(broker, partition));
    }
    const Log& log(PartitionIndex partition) {
        Broker& broker = leader(partition);
        return parts::log_at(broker, position_of(broker, partition));
    }
    Offset stable_end(PartitionIndex partition) {
        return last_stable_offset(replica(partition).producers.transactions,
                                  replica(partition).high_watermark);
    }
    void look() {
        for (const Fact& noted : world.kernel.facts) {
            invariants.on(world.kernel.now, world.events, noted, world);
            if (const auto* one = std::get_if<fact::TransactionChanged>(&noted)) changed.push_back(*one);
            if (const auto* one = std::get_if<fact::MarkerWritten>(&noted)) markers.push_back(*one);
            if (const auto* one = std::get_if<fact::LastStableOffsetMoved>(&noted)) stable.push_back(*one);
            if (const auto* one = std::get_if<fact::ProduceAnswered>(&noted)) answered.push_back(*one);
            if (const auto* one = std::get_if<fact::OffsetCommitted>(&noted)) committed.push_back(*one);
            if (const auto* one = std::get_if<fact::FetchServed>(&noted))
                if (one->follower == no_slot) served = one->end;
        }
        invariants.after_step(world);
    }
    void tell(const Fact& fact) { invariants.on(world.kernel.now, world.events, fact, world); }
    std::int64_t breaches(const std::string& name) const {
        for (const auto& [one, count] : invariants.counts())
            if (one == name) return count;
        REQUIRE_MESSAGE(false, name);
        return 0;
    }
    std::string first_finding() const {
        return invariants.findings().empty() ? "" : invariants.findings().front().text;
    }
    void run_until(sim::SimTime end) {
        while (world.kernel.queue.next_time() <= end && step(world))
            look();
        world.kernel.facts.clear();
        world.kernel.now = end; // nothing happens before
    }
    void run_until(std::int64_t seconds) { run_until(sim::SimTime{seconds * 1000000}); }
    void wait(sim::Duration length) { run_until(world.kernel.now + length); }
    void settle() { wait(sim::milliseconds(700)); }

    template <class Act> void act(Broker& broker, Act&& act_in) {
        Turn turn(world.kernel, *configuration, Addresses::broker(broker.slot));
        act_in(turn);
        parts::settle_appends(broker, turn);
        look();
        world.kernel.facts.clear();
    }
    /// To the coordinator; nobody waits for the answer.
    template <class Request> void ask(const Request& request) {
        Broker& broker = leader(state());
        act(broker, [&](Turn& turn) {
            CHECK(parts::handle_transaction_request(broker, sim::no_connection, request, turn));
        });
    }
    /// InitProducerId; takes what the coordinator has written.
    void initialize() {
        InitProducerIdRequest request;
        request.transactional_id = TransactionalIdIndex{0};
        request.timeout = sim::seconds(60);
        ask(request);
        settle();
        take_epoch();
    }
    void take_epoch() {
        REQUIRE(!changed.empty());
        producer_id = changed.back().producer_id;
        if (changed.back().producer_epoch != epoch) sequences = {};
        epoch = changed.back().producer_epoch;
    }
    void add(PartitionIndex partition) {
        AddPartitionsToTxnRequest request;
        request.transactional_id = TransactionalIdIndex{0};
        request.producer_id = producer_id;
        request.producer_epoch = epoch;
        request.content = world.kernel.slabs.partitions.acquire();
        world.kernel.slabs.partitions.open(request.content).partitions = {partition};
        ask(request);
        settle();
    }
    void ask_to_end(bool commit) {
        EndTxnRequest request;
        request.transactional_id = TransactionalIdIndex{0};
        request.producer_id = producer_id;
        request.producer_epoch = epoch;
        request.commit = commit;
        request.bumps_epoch = version_2();
        ask(request);
    }
    void end(bool commit) {
        ask_to_end(commit);
        settle();
        if (version_2()) take_epoch();
    }
    /// Ten records to the partition's leader; no answer is awaited.
    void send(PartitionIndex partition, std::int32_t base_sequence, bool transactional = true) {
        Broker& broker = leader(partition);
        Batch batch;
        batch.stream = StreamIndex{0};
        batch.count = 10;
        batch.bytes = batch_bytes(10, 100);
        batch.producer_id = producer_id;
        batch.producer_epoch = epoch;
        batch.base_sequence = base_sequence;
        batch.is_transactional = transactional;
        ProduceRequest request{1, Acks::all, sim::seconds(30), world.kernel.slabs.produce.acquire()};
        if (transactional) request.transactional_id = TransactionalIdIndex{0};
        request.support = support;
        world.kernel.slabs.produce.open(request.content).entries.push_back({partition, batch});
        act(broker, [&](Turn& turn) { parts::handle(broker, sim::no_connection, request, turn); });
    }
    /// Ten records that the transaction covers, whatever the version asks for.
    void produce(PartitionIndex partition) {
        if (!version_2()) add(partition);
        std::int32_t& sequence = sequences[static_cast<std::size_t>(partition.value)];
        send(partition, sequence);
        settle();
        sequence += 10;
    }
    ErrorCode last_error() const {
        REQUIRE(!answered.empty());
        return answered.back().error;
    }
    /// End of what a consumer is served from the beginning; no_offset when nothing is.
    Offset served_to(PartitionIndex partition, IsolationLevel isolation) {
        Broker& broker = leader(partition);
        FetchRequest request;
        request.max_bytes = 1000000;
        request.isolation = isolation;
        request.content = world.kernel.slabs.fetch.acquire();
        world.kernel.slabs.fetch.open(request.content)
            .entries.push_back({partition, Offset{0}, no_epoch, no_epoch, Offset{0}, 1000000});
        served = no_offset;
        act(broker, [&](Turn& turn) { parts::handle(broker, sim::no_connection, request, turn); });
        return served;
    }
};

} // namespace kafka
