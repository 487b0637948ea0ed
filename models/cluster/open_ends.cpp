#include "models/cluster/control_plane.hpp"
#include "models/cluster/heal.hpp"

#include <algorithm>

namespace kafka {

namespace {

struct Looking {
    const World& world;
    const Configuration& configuration;
    BrokerSet core; // brokers that are not away
    std::vector<OpenEnd> open;
    std::vector<bool> dead; // by partition: unavailable by design; nothing else is asked of it

    void add(HealProperty property, std::size_t index, HealAction action = HealAction::none,
             BrokerSet brokers = {}) {
        open.push_back({property, static_cast<std::int32_t>(index), action, brokers});
    }

    /// Nobody leads. By design when no replica that may lead is there, and none may without being in sync.
    void without_leader(std::size_t i, const PartitionState& state, const TopicSettings& settings) {
        const BrokerSet eligible = state.isr | state.elr;
        BrokerSet able; // in the core, with what they had
        for (BrokerSlot slot = (eligible & core).first(); slot != no_slot;
             slot = (eligible & core).after(slot))
            if (!lost_its_log(slot, i)) able.add(slot);
        const bool by_design = able.empty() && !settings.unclean_leader_election_enable;
        dead[i] = by_design;
        if (!by_design) return add(HealProperty::every_partition_has_a_leader, i);
        const BrokerSet missing = (eligible | state.last_known_elr) - core;
        if (missing.empty())
            add(HealProperty::every_partition_has_a_leader, i, HealAction::elect_uncleanly);
        else
            add(HealProperty::every_partition_has_a_leader, i, HealAction::start_brokers, missing);
    }
    /// The replica stands on a disk that was replaced: it may not lead (KIP-858, KIP-966).
    bool lost_its_log(BrokerSlot slot, std::size_t partition) const {
        const Log* log = log_of(world, slot, PartitionIndex{static_cast<std::int32_t>(partition)});
        const std::uint64_t first = static_cast<std::uint64_t>(slot.value) + 1;
        const bool wiped = world.brokers[static_cast<std::size_t>(slot.value)].disk.directory != first;
        return log != nullptr && wiped && log->log_end_offset == Offset{0};
    }

    void partition(std::size_t i) {
        const PartitionIndex index{static_cast<std::int32_t>(i)};
        const PartitionState& state = decided_state(world, index);
        if (!exists(state)) return;
        const TopicIndex topic = configuration.partition(index).topic;
        const TopicSettings& settings = decided_topic(world, topic);
        if (state.leader == no_slot) return without_leader(i, state, settings);
        const BrokerSet there = replicas_of(state, configuration.partition(index)).set() & core;
        const Replica* replica = replica_of(world, state.leader, index);
        const Leader* leader = replica == nullptr ? nullptr : std::get_if<Leader>(&replica->role);
        if (leader == nullptr || leader->leader_epoch != state.leader_epoch ||
            !is_running(world, state.leader))
            return add(HealProperty::every_partition_has_a_leader, i);
        const bool settled = std::holds_alternative<Committed>(leader->isr_state) && core.contains(state.isr);
        if (!settled) add(HealProperty::isr_changes_settle, i);
        if (!state.isr.contains(there - state.adding)) add(HealProperty::every_replica_is_in_sync, i);
        if (is_reassigning(state)) reassigning(i, state);
        if (there.size() < settings.min_insync_replicas && is_written_with_acks_all(topic)) writes(i, there);
    }
    /// Waits for new replicas on brokers that stay away, or for a throttle.
    void reassigning(std::size_t i, const PartitionState& state) {
        const BrokerSet missing = state.adding - core;
        if (!missing.empty())
            return add(HealProperty::reassignments_complete, i, HealAction::start_brokers, missing);
        bool throttled = false;
        for (std::size_t f = 0; f < world.faults.size(); ++f) {
            const Fault& fault = configuration.faults[f];
            const bool names_it =
                std::any_of(fault.reassigned.begin(), fault.reassigned.end(),
                            [&](const auto& one) { return one.first.value == static_cast<std::int32_t>(i); });
            throttled = throttled || (world.faults[f].happened > 0 && fault.throttle > 0 && names_it);
        }
        add(HealProperty::reassignments_complete, i,
            throttled ? HealAction::raise_throttle_or_cancel : HealAction::none);
    }
    void writes(std::size_t i, BrokerSet there) {
        const PartitionIndex index{static_cast<std::int32_t>(i)};
        const PartitionState& state = decided_state(world, index);
        const BrokerSet missing = replicas_of(state, configuration.partition(index)).set() - there;
        add(HealProperty::writes_are_accepted, i,
            missing.empty() ? HealAction::add_replicas_or_lower_min_isr : HealAction::start_brokers, missing);
    }
    bool is_written_with_acks_all(TopicIndex topic) const {
        return std::any_of(configuration.producers.begin(), configuration.producers.end(),
                           [&](const ProducerConfiguration& one) {
                               const bool writes = one.topic == topic ||
                                                   std::find(one.more_topics.begin(), one.more_topics.end(),
                                                             topic) != one.more_topics.end();
                               return writes && one.settings.acks == Acks::all;
                           });
    }

    void broker(std::size_t i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        if (!core.has(slot)) return;
        const Broker& one = world.brokers[i];
        if (!is_running(world, slot) || one.memory.lifecycle.state != LifecycleState::running)
            return add(HealProperty::every_broker_is_unfenced, i);
        for (const PartitionIndex partition : one.hosted) {
            const PartitionState& known =
                one.memory.image.partitions[static_cast<std::size_t>(partition.value)];
            const PartitionState& decided = decided_state(world, partition);
            // Under ZooKeeper ISRs are told late, or never (before 0.9): caches agree about who leads.
            const bool agrees = configuration.has_zookeeper() ? known.leader == decided.leader &&
                                                                    known.leader_epoch == decided.leader_epoch
                                                              : known == decided;
            if (agrees) continue;
            return add(HealProperty::metadata_converges, i);
        }
    }

    void producer(std::size_t i) {
        const ProducerIndex index{static_cast<std::int32_t>(i)};
        if (!is_done(producer_of(world, index), configuration)) add(HealProperty::every_send_is_decided, i);
    }

    void reader(std::size_t i) {
        const Reader& one = world.readers[i];
        if (one.thread.stage == ConsumingStage::ended || one.member.fatal != ErrorCode::none) return;
        const GroupIndex group = configuration.consumers[i].group;
        if (group != no_group) {
            const PartitionIndex coordinated = configuration.group(group).partition;
            if (dead[static_cast<std::size_t>(coordinated.value)]) return;
            if (!has_assignment(one)) return add(HealProperty::members_have_their_assignment, i);
        }
        for (const ReaderPosition& position : one.positions) {
            const BrokerSlot leader = decided_state(world, position.partition).leader;
            const Replica* replica = replica_of(world, leader, position.partition);
            const bool unasked = dead[static_cast<std::size_t>(position.partition.value)] ||
                                 position.phase == PositionPhase::stopped || replica == nullptr;
            if (unasked || position.offset >= replica->high_watermark) continue;
            return add(HealProperty::consumers_catch_up, i);
        }
    }
};

} // namespace

std::vector<OpenEnd> open_ends(const World& world) {
    const Configuration& configuration = *world.configuration;
    BrokerSet core;
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i)
        core.add(BrokerSlot{static_cast<std::int32_t>(i)});
    Looking looking{world, configuration, core - away(configuration) - outside(world), {}, {}};
    looking.dead.resize(configuration.partitions.size(), false);
    if (!controller_answers(world)) looking.add(HealProperty::quorum_has_a_leader, 0);
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i)
        looking.partition(i);
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i)
        looking.broker(i);
    for (std::size_t i = 0; i < configuration.producers.size(); ++i)
        looking.producer(i);
    for (std::size_t i = 0; i < configuration.consumers.size(); ++i)
        looking.reader(i);
    return std::move(looking.open);
}

} // namespace kafka
