#include "models/cluster/world.hpp"

#include "models/cluster/control_plane.hpp"
#include "models/cluster/dispatch.hpp"
#include "models/cluster/heal.hpp"
#include "models/cluster/weather.hpp"

namespace kafka {

namespace {

/// A run without "until" ends this long after loads are done and faults are over.
constexpr sim::Duration settling_time = sim::seconds(15);
/// How often a step looks whether the run may end; a power of two.
constexpr std::uint64_t end_check_interval = 64;

void add_processes(World& world) {
    const Configuration& configuration = *world.configuration;
    const std::size_t count = configuration.brokers.size() + configuration.control_processes() +
                              configuration.producers.size() + configuration.consumers.size();
    for (std::size_t i = 0; i < count; ++i) {
        const sim::ProcessId process{static_cast<std::uint32_t>(i)};
        const std::optional<sim::ProcessId> other = Addresses::twin_of(configuration, process);
        const bool second = other && *other < process; // a combined controller, in its broker's process
        const sim::HostId host =
            second ? world.kernel.network.host_of(*other) : world.kernel.network.add_host();
        const bool absent = i < configuration.brokers.size() && configuration.brokers[i].absent;
        world.kernel.network.add_process(host, absent ? sim::ProcessState::down : sim::ProcessState::up);
    }
    world.held.resize(count);
    world.start_rounds.resize(count, 0);
    world.standing.resize(count, 0);
    world.exiting.resize(count, false);
    world.starting.resize(count, false);
    world.starts_again.resize(count, false);
}

/// Records that make the image of a cluster that already runs, and the registration of one broker.
std::vector<MetadataRecord> first_records(const World& world) {
    if (world.zookeeper.empty()) return initial_records(world.controllers.front());
    std::vector<MetadataRecord> records =
        describe(world.zookeeper.front(), bit(ZooKeeperNodes::brokers) | bit(ZooKeeperNodes::partitions));
    for (MetadataRecord& record : records) // no broker is told the others' epochs
        if (auto* broker = std::get_if<BrokerRecord>(&record)) broker->epoch = no_broker_epoch;
    return records;
}

HealthyStart healthy_start(World& world, BrokerSlot slot) {
    const Configuration& configuration = *world.configuration;
    HealthyStart healthy;
    healthy.image.brokers.resize(configuration.brokers.size());
    healthy.image.epochs.resize(configuration.brokers.size(), no_broker_epoch);
    healthy.image.partitions.resize(configuration.partitions.size());
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i)
        if (configuration.partitions[i].created_later) healthy.image.partitions[i] = not_yet_created();
    for (const TopicConfiguration& topic : configuration.topics)
        healthy.image.topics.push_back(topic.settings);
    for (const MetadataRecord& record : first_records(world))
        apply(healthy.image, record, slot);
    const DecidedRegistration registered = decided_registration(world, slot);
    healthy.incarnation = registered.incarnation;
    healthy.epoch = registered.epoch;
    return healthy;
}

bool may_end(World& world) {
    if (world.heal.began) {
        if (world.events % end_check_interval == 0 && is_healed(world))
            world.heal.converged_at = world.kernel.now;
        return world.heal.converged_at || world.kernel.queue.next_time() > world.heal.until;
    }
    if (world.configuration->until) return world.kernel.queue.next_time() > *world.configuration->until;
    if (world.settle_until) return world.kernel.queue.next_time() > *world.settle_until;
    if (world.events % end_check_interval != 0) return false;
    for (const Producer& producer : world.producers) {
        const sim::ProcessId process = Addresses::producer(*world.configuration, producer.index);
        if (world.starting[process.value] || !is_done(producer, *world.configuration)) return false;
    }
    if (!parts::faults_are_over(world)) return false;
    world.settle_until = world.kernel.now + settling_time;
    return false;
}

/// Whether the signal waits in the socket of a paused process; its kernel answers the others.
bool waits_for_process(const World& world, const Signal& signal) {
    using Kind = Signal::Kind;
    if (signal.kind == Kind::syn || signal.kind == Kind::retransmit || signal.kind == Kind::syn_retransmit)
        return false;
    const sim::ProcessId process = world.kernel.network.process_at(signal.connection, signal.to);
    return world.kernel.network.state(process) == sim::ProcessState::paused;
}

void handle(World& world, const Event& event) {
    sim::Network<Mail>& network = world.kernel.network;
    if (const auto* timer = std::get_if<TimerEvent>(&event)) {
        if (timer->incarnation != network.incarnation(timer->process)) return;
        if (network.state(timer->process) == sim::ProcessState::paused) {
            world.held[timer->process.value].emplace_back(*timer);
            return;
        }
        if (network.state(timer->process) == sim::ProcessState::down) return;
        return parts::deliver(world, timer->process, timer->timer);
    }
    if (const auto* signal = std::get_if<Signal>(&event)) {
        if (waits_for_process(world, *signal)) {
            world.held[network.process_at(signal->connection, signal->to).value].emplace_back(*signal);
            return;
        }
        return parts::deliver(
            world, network.on(*signal, world.kernel.now, world.kernel.choices, parts::scheduler(world)));
    }
    if (const auto* fault = std::get_if<FaultEvent>(&event)) return parts::on_fault(world, *fault);
    parts::on_start_event(world, std::get<StartEvent>(event));
}

void count_for_conditions(World& world) {
    const auto committed_at = [&](GroupIndex group, PartitionIndex partition) -> Offset& {
        return world
            .committed[static_cast<std::size_t>(group.value) * world.configuration->partitions.size() +
                       static_cast<std::size_t>(partition.value)];
    };
    for (const Fact& noted : world.kernel.facts)
        if (const auto* acknowledged = std::get_if<fact::RecordsAcknowledged>(&noted)) {
            const ProducerIndex producer = world.configuration->stream(acknowledged->stream).producer;
            world.acknowledged[static_cast<std::size_t>(producer.value)] += acknowledged->count;
        } else if (const auto* committed = std::get_if<fact::OffsetCommitted>(&noted)) {
            if (committed->error == ErrorCode::none)
                committed_at(committed->group, committed->partition) = committed->offset;
        } else if (const auto* forgotten = std::get_if<fact::OffsetForgotten>(&noted)) {
            committed_at(forgotten->group, forgotten->partition) = no_offset;
        }
}

} // namespace

World make_world(std::shared_ptr<const Configuration> configuration, std::uint64_t seed) {
    World world;
    world.configuration = with_weather(std::move(configuration), seed);
    const Configuration& asked = *world.configuration;
    world.seed = seed;
    world.kernel.choices.key = seed;
    world.kernel.network.latency = asked.network.latency;
    world.kernel.network.bandwidth_bits = asked.network.bandwidth_bits;
    add_processes(world);
    world.faults.resize(asked.faults.size());
    world.acknowledged.resize(asked.producers.size(), 0);
    world.committed.resize(asked.groups.size() * asked.partitions.size(), no_offset);
    for (std::size_t i = 0; i < asked.controllers.size(); ++i) {
        world.controllers.push_back(make_controller(asked, Voter{static_cast<std::int32_t>(i)}));
        Turn turn(world.kernel, asked, Addresses::controller(asked, i));
        start(world.controllers.back(), turn);
    }
    if (asked.has_zookeeper()) {
        world.zookeeper.push_back(make_zookeeper(asked));
        Turn turn(world.kernel, asked, Addresses::zookeeper(asked, 0));
        start(world.zookeeper.front(), turn);
    }
    if (!world.controllers.empty()) world.announced = high_watermark(world.controllers.front());
    for (std::size_t i = 0; i < asked.brokers.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        world.brokers.push_back(make_broker(asked, slot));
        if (asked.brokers[i].absent) {
            Turn turn(world.kernel, asked, Addresses::broker(slot));
            forget_memory(world.brokers.back(), turn);
            continue;
        }
        const HealthyStart healthy = healthy_start(world, slot);
        Turn turn(world.kernel, asked, Addresses::broker(slot));
        start(world.brokers.back(), &healthy, turn);
    }
    for (std::size_t i = 0; i < asked.producers.size(); ++i) {
        const ProducerIndex index{static_cast<std::int32_t>(i)};
        world.producers.push_back(make_producer(asked, index));
        if (asked.producer(index).owner.value >= 0) continue; // it lives in that consumer's process
        Turn turn(world.kernel, asked, Addresses::producer(asked, index));
        start(world.producers.back(), turn);
    }
    for (std::size_t i = 0; i < asked.consumers.size(); ++i) {
        const ConsumerIndex index{static_cast<std::int32_t>(i)};
        world.readers.push_back(make_reader(asked, index));
        Turn turn(world.kernel, asked, Addresses::consumer(asked, index));
        start(world.readers.back(), turn);
    }
    parts::schedule_first_faults(world);
    return world;
}

bool step(World& world) {
    world.kernel.facts.clear();
    if (world.finished || world.kernel.queue.empty() || may_end(world)) {
        if (world.configuration->heal && !world.heal.began) {
            begin_heal(world);
            world.events += 1;
            return true;
        }
        world.finished = true;
        const std::optional<sim::SimTime> end = world.heal.began             ? world.kernel.now
                                                : world.configuration->until ? world.configuration->until
                                                                             : world.settle_until;
        if (end && world.kernel.now < *end) world.kernel.now = *end;
        return false;
    }
    const EventQueue::Event next = world.kernel.queue.pop();
    world.kernel.now = next.time;
    world.events += 1;
    handle(world, next.payload);
    announce_metadata(world);
    count_for_conditions(world);
    parts::check_conditions(world);
    return true;
}

const Log* log_of(const World& world, BrokerSlot broker, PartitionIndex partition) {
    if (broker == no_slot) return nullptr;
    const Broker& holder = world.brokers[static_cast<std::size_t>(broker.value)];
    const int position = position_of(holder, partition);
    return position < 0 ? nullptr : &holder.disk.logs[static_cast<std::size_t>(position)];
}

const Replica* replica_of(const World& world, BrokerSlot broker, PartitionIndex partition) {
    if (broker == no_slot) return nullptr;
    const Broker& holder = world.brokers[static_cast<std::size_t>(broker.value)];
    const int position = position_of(holder, partition);
    return position < 0 ? nullptr : &holder.memory.replicas[static_cast<std::size_t>(position)];
}

const Producer& producer_of(const World& world, ProducerIndex producer) {
    const ConsumerIndex owner = world.configuration->producer(producer).owner;
    return owner.value < 0 ? world.producers[static_cast<std::size_t>(producer.value)]
                           : world.readers[static_cast<std::size_t>(owner.value)].output.front();
}

Offset committed_offset(const World& world, GroupIndex group, PartitionIndex partition) {
    return world.committed[static_cast<std::size_t>(group.value) * world.configuration->partitions.size() +
                           static_cast<std::size_t>(partition.value)];
}

bool is_running(const World& world, BrokerSlot broker) {
    const bool exits = world.exiting[static_cast<std::size_t>(broker.value)];
    return !exits && world.kernel.network.state(Addresses::broker(broker)) != sim::ProcessState::down;
}

bool is_paused(const World& world, BrokerSlot broker) {
    return world.kernel.network.state(Addresses::broker(broker)) == sim::ProcessState::paused;
}

} // namespace kafka
