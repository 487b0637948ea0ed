#include "models/cluster/heal.hpp"

#include "models/cluster/control_plane.hpp"
#include "models/cluster/dispatch.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// A link that is slow from the start belongs to the network, not to the faults.
bool is_lasting_link(const Fault& fault) {
    return fault.pointer.rfind("/links/", 0) == 0 || fault.pointer.rfind("/network/", 0) == 0;
}

void heal_links(World& world) {
    const std::vector<sim::LinkRule> rules = world.kernel.network.rules();
    for (const sim::LinkRule& rule : rules) {
        bool lasting = false;
        for (std::size_t i = 0; i < world.faults.size(); ++i)
            lasting = lasting ||
                      (world.faults[i].rule == rule.id && is_lasting_link(world.configuration->faults[i]));
        if (!lasting)
            world.kernel.network.remove_rule(rule.id, world.kernel.now, world.kernel.choices,
                                             parts::scheduler(world));
    }
}

/// Whether the process is one of a broker, or of its controller, that stays away.
bool stays_away(const World& world, sim::ProcessId process) {
    const BrokerSet gone = away(*world.configuration) | outside(world);
    const auto is_gone = [&](sim::ProcessId one) {
        return one.value < world.brokers.size() && gone.has(BrokerSlot{static_cast<std::int32_t>(one.value)});
    };
    const auto twin = Addresses::twin_of(*world.configuration, process);
    return is_gone(process) || (twin && is_gone(*twin));
}

/// An application that has come to its own end is not started again: no supervisor of ours did it.
bool has_come_to_its_end(const World& world, sim::ProcessId process) {
    const parts::ActorOf actor = parts::actor_of(*world.configuration, process);
    if (actor.kind == parts::ActorOf::Kind::producer)
        return world.configuration->producers[actor.index].owner.value >= 0 ||
               world.producers[actor.index].sending.ended;
    if (actor.kind == parts::ActorOf::Kind::consumer)
        return world.readers[actor.index].thread.stage == ConsumingStage::ended;
    return false;
}

void heal_process(World& world, sim::ProcessId process) {
    if (stays_away(world, process)) return parts::crash(world, process);
    parts::resume(world, process, parts::Standstill::stopped);
    parts::resume(world, process, parts::Standstill::collecting);
    parts::mend_disk(world, process);
    const bool down =
        world.kernel.network.state(process) == sim::ProcessState::down || world.exiting[process.value];
    const bool leaves =
        process.value < world.brokers.size() && is_shutting_down(world.brokers[process.value]);
    if (leaves) return parts::start_later(world, process); // once it has ended: it was told to stop before
    if (down && !world.starting[process.value] && !has_come_to_its_end(world, process))
        parts::start_later(world, process);
}

sim::SimTime loads_end(const Configuration& configuration) {
    sim::SimTime end;
    for (const ProducerConfiguration& producer : configuration.producers)
        for (const LoadSegment& segment : producer.load) {
            const std::int64_t micros = segment.rate == 0 ? 0 : segment.count * 1000000 / segment.rate;
            end = std::max(end, segment.start + sim::Duration{micros});
        }
    return end;
}

} // namespace

BrokerSet away(const Configuration& configuration) {
    BrokerSet all;
    if (!configuration.heal) return all;
    for (const Target& target : configuration.heal->without)
        for (std::size_t i = 0; i < configuration.brokers.size(); ++i)
            if ((target.kind == TargetKind::broker && target.broker.value == static_cast<std::int32_t>(i)) ||
                (target.kind == TargetKind::rack && configuration.brokers[i].rack == target.rack))
                all.add(BrokerSlot{static_cast<std::int32_t>(i)});
    return all;
}

BrokerSet outside(const World& world) {
    BrokerSet all;
    for (std::size_t i = 0; i < world.brokers.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        const bool starts = world.starting[i] || is_running(world, slot);
        if (!starts && decided_registration(world, slot).epoch == no_broker_epoch) all.add(slot);
    }
    return all;
}

sim::Duration heal_bound(const Configuration& configuration) {
    sim::Duration
        brokers; // a session ends, a replica comes back into the ISR, an election waits for its interval
    for (const BrokerConfiguration& one : configuration.brokers) {
        const sim::Duration session = configuration.has_zookeeper() ? one.settings.zookeeper_session_timeout
                                                                    : one.settings.broker_session_timeout;
        brokers = std::max(brokers, session + one.settings.replica_lag_time_max);
    }
    for (const TopicConfiguration& topic : configuration.topics)
        if (topic.settings.unclean_leader_election_enable) {
            brokers = brokers + configuration.controller_settings.unclean_leader_election_interval;
            break;
        }
    sim::Duration sends;
    for (const ProducerConfiguration& one : configuration.producers) {
        const bool old = one.settings.expire_by_request_timeout;
        sends = std::max(sends, old ? one.settings.request_timeout : one.settings.delivery_timeout);
    }
    sim::Duration members; // a lost member's session, and a rebalance that waits for everybody's next poll()
    for (const ConsumerConfiguration& one : configuration.consumers)
        if (one.group != no_group)
            members = std::max(members,
                               one.settings.member.session_timeout + one.settings.member.max_poll_interval);
    constexpr sim::Duration longest = sim::seconds(3600);
    const sim::Duration start = configuration.network.process_start.max;
    return start + std::min(longest, brokers) + std::min(longest, std::max(sends, members));
}

void begin_heal(World& world) {
    const Configuration& configuration = *world.configuration;
    const std::optional<sim::SimTime> end = configuration.until ? configuration.until : world.settle_until;
    if (end) world.kernel.now = std::max(world.kernel.now, *end);
    world.heal.began = true;
    world.heal.began_at = world.kernel.now;
    world.heal.until = std::max(world.kernel.now, loads_end(configuration)) +
                       configuration.heal->bound.value_or(heal_bound(configuration));
    for (FaultState& state : world.faults)
        state.armed = false;
    world.operations.clear();
    heal_links(world);
    if (!world.kernel.strains.empty()) world.kernel.strains.assign(world.kernel.strains.size(), Strain{});
    for (std::uint32_t i = 0; i < world.kernel.network.process_count(); ++i)
        heal_process(world, sim::ProcessId{i});
    for (std::size_t i = 0; i < configuration.producers.size(); ++i)
        order_access(world, ProducerIndex{static_cast<std::int32_t>(i)}, false);
}

/// A reassignment that is held back has the time until the bound, for it may be slow only.
bool is_healed(const World& world) {
    const std::vector<OpenEnd> open = open_ends(world);
    return std::all_of(open.begin(), open.end(), [](const OpenEnd& one) {
        return one.action != HealAction::none && one.action != HealAction::raise_throttle_or_cancel;
    });
}

} // namespace kafka
