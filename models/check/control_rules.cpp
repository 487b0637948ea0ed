#include "models/check/control_rules.hpp"

#include <algorithm>

namespace kafka {

namespace {

constexpr const char* control_names[] = {"no_fenced_broker_is_in_an_isr", "leaders_know_their_isr",
                                         "eligible_replicas_have_committed_records",
                                         "brokers_have_the_metadata_that_they_say", "fetchers_follow_roles"};

std::string broker_name(BrokerSlot slot, const World& world) {
    return "broker " + std::to_string(world.configuration->broker(slot).id.value);
}

/// The image that describes exactly the records before `end`, as some voter has it; null when nobody does.
const ControllerImage* image_at(Offset end, const World& world) {
    for (const Controller& voter : world.controllers) {
        if (high_watermark(voter) == end && world.controllers.size() > 1) return &voter.durable.committed;
        const bool alone = world.controllers.size() == 1 && end_offset(voter.durable.log) == end;
        if (alone) return &voter.memory.image;
    }
    return nullptr;
}

} // namespace

const char* name_of(ControlRule rule) { return control_names[static_cast<std::size_t>(rule)]; }

/// Without a leader the last member stays in the ISR, fenced (releases without eligible leader replicas).
/// Before 3.3 leaders propose fenced brokers, and the controller takes them (KAFKA-13916).
/// Source: ReplicationControlManager.handleBrokerFenced, ineligibleReplicasForIsr (KIP-841).
void check_fenced(const World& world, std::vector<ControlBreach>& found) {
    if (world.configuration->controller_dialect.join < JoinRule::unfenced) return;
    for (const Controller& voter : world.controllers) {
        if (!voter.memory.active) continue;
        const ControllerImage& image = voter.memory.image;
        BrokerSet fenced;
        for (std::size_t i = 0; i < image.registrations.size(); ++i)
            if (image.registrations[i].fenced) fenced.add(BrokerSlot{static_cast<std::int32_t>(i)});
        if (fenced.empty()) continue;
        for (std::size_t i = 0; i < image.partitions.size(); ++i) {
            const BrokerSet both = image.partitions[i].isr & fenced;
            if (image.partitions[i].leader != no_slot && !both.empty())
                found.push_back({ControlRule::no_fenced_broker_is_in_an_isr,
                                 PartitionIndex{static_cast<std::int32_t>(i)},
                                 broker_name(both.first(), world) + " is fenced and in the ISR"});
        }
    }
}

/// A leader that has the newest state and no change under way has the controller's ISR.
void check_leader(PartitionIndex partition, const World& world, std::vector<ControlBreach>& found) {
    const PartitionState& state = decided_state(world, partition);
    if (state.leader == no_slot || !is_running(world, state.leader)) return;
    const auto* leader = std::get_if<Leader>(&replica_of(world, state.leader, partition)->role);
    if (leader == nullptr || leader->leader_epoch != state.leader_epoch ||
        leader->partition_epoch != state.partition_epoch)
        return;
    if (leader->isr != state.isr)
        found.push_back({ControlRule::leaders_know_their_isr, partition,
                         broker_name(state.leader, world) +
                             " has another ISR than the controller for the same partition epoch"});
}

/// Who may be elected without a loss. Replicas of the ISR have an invariant of their own.
void check_eligible(PartitionIndex partition, const World& world, const CommittedPrefix& committed,
                    std::vector<ControlBreach>& found) {
    const BrokerSet eligible = decided_state(world, partition).elr - committed.excused;
    for (BrokerSlot slot = eligible.first(); slot != no_slot; slot = eligible.after(slot)) {
        if (!is_running(world, slot)) continue;
        const Log& log = *log_of(world, slot, partition);
        const bool differs = committed.hash != 0 && knows_prefix(log, committed.end) &&
                             prefix_hash(log, committed.end) != committed.hash;
        if (log.log_end_offset < committed.end || differs)
            found.push_back({ControlRule::eligible_replicas_have_committed_records, partition,
                             broker_name(slot, world) + " is eligible without offsets below " +
                                 std::to_string(committed.end.value)});
    }
}

void check_metadata(BrokerSlot broker, const World& world, std::vector<ControlBreach>& found) {
    const MetadataImage& view = world.brokers[static_cast<std::size_t>(broker.value)].memory.image;
    const ControllerImage* image = image_at(view.next_offset, world);
    if (image == nullptr || view.partitions.size() != image->partitions.size()) return;
    for (std::size_t i = 0; i < view.partitions.size(); ++i)
        if (view.partitions[i] != image->partitions[i])
            found.push_back({ControlRule::brokers_have_the_metadata_that_they_say,
                             PartitionIndex{static_cast<std::int32_t>(i)},
                             broker_name(broker, world) + " has applied the log up to offset " +
                                 std::to_string(view.next_offset.value) + " and has another state"});
}

/// At most one fetcher has a partition; a leader's has none, and a follower's goes to its leader.
/// Source: AbstractFetcherManager.
void check_fetchers(PartitionIndex partition, const World& world, std::vector<ControlBreach>& found) {
    const PartitionConfiguration& configured = world.configuration->partition(partition);
    const BrokerSet hosts = configured.assignment.set() | configured.later_replicas;
    for (BrokerSlot slot = hosts.first(); slot != no_slot; slot = hosts.after(slot)) {
        if (!is_running(world, slot)) continue;
        const Broker& broker = world.brokers[static_cast<std::size_t>(slot.value)];
        const int position = position_of(broker, partition);
        if (position < 0) continue;
        const auto* follower =
            std::get_if<Follower>(&broker.memory.replicas[static_cast<std::size_t>(position)].role);
        int fetchers = 0;
        for (const Fetcher& fetcher : broker.memory.fetchers) {
            if (std::find(fetcher.replicas.begin(), fetcher.replicas.end(), position) ==
                fetcher.replicas.end())
                continue;
            fetchers += follower != nullptr && follower->leader == fetcher.leader ? 1 : 2;
        }
        if (fetchers > 1)
            found.push_back({ControlRule::fetchers_follow_roles, partition,
                             broker_name(slot, world) + " fetches what it leads, or from another leader"});
    }
}

} // namespace kafka
