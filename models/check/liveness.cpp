#include "models/check/liveness.hpp"

#include <algorithm>

namespace kafka {

namespace {

std::string broker_list(BrokerSet brokers, const Configuration& configuration) {
    std::string text;
    for (BrokerSlot slot = brokers.first(); slot != no_slot; slot = brokers.after(slot))
        text +=
            (text.empty() ? "broker " : " or broker ") + std::to_string(configuration.broker(slot).id.value);
    return text;
}

} // namespace

std::string_view name(Liveness::State state) {
    switch (state) {
    case Liveness::State::converged:
        return "converged";
    case Liveness::State::unavailable_by_design:
        return "unavailable_by_design";
    case Liveness::State::stuck:
        return "stuck";
    }
    return "";
}

std::optional<Liveness> judge_liveness(const World& final_world) {
    if (!final_world.heal.began) return std::nullopt;
    Liveness liveness;
    liveness.began_at = final_world.heal.began_at;
    liveness.until = final_world.heal.until;
    liveness.converged_at = final_world.heal.converged_at;
    liveness.open = open_ends(final_world);
    const bool explained = std::all_of(liveness.open.begin(), liveness.open.end(),
                                       [](const OpenEnd& one) { return one.action != HealAction::none; });
    if (!explained)
        liveness.state = Liveness::State::stuck;
    else if (!liveness.open.empty())
        liveness.state = Liveness::State::unavailable_by_design;
    return liveness;
}

std::string subject_of(const OpenEnd& open, const Configuration& configuration) {
    const auto at = static_cast<std::size_t>(open.index);
    switch (open.property) {
    case HealProperty::quorum_has_a_leader:
        return "the quorum";
    case HealProperty::every_broker_is_unfenced:
    case HealProperty::metadata_converges:
        return "broker " + std::to_string(configuration.brokers[at].id.value);
    case HealProperty::every_partition_has_a_leader:
    case HealProperty::every_replica_is_in_sync:
    case HealProperty::isr_changes_settle:
    case HealProperty::writes_are_accepted:
    case HealProperty::reassignments_complete:
        return configuration.partitions[at].name;
    case HealProperty::every_send_is_decided:
        return configuration.producers[at].name;
    case HealProperty::members_have_their_assignment:
    case HealProperty::consumers_catch_up:
        return configuration.consumers[at].name;
    }
    return "";
}

std::string action_of(const OpenEnd& open, const Configuration& configuration) {
    const std::string subject = subject_of(open, configuration);
    switch (open.action) {
    case HealAction::none:
        return "";
    case HealAction::start_brokers:
        return "start " + broker_list(open.brokers, configuration);
    case HealAction::elect_uncleanly: {
        const PartitionConfiguration& partition =
            configuration.partitions[static_cast<std::size_t>(open.index)];
        return "accept the loss: kafka-leader-election.sh --election-type UNCLEAN --topic " +
               configuration.topic(partition.topic).name + " --partition " + std::to_string(partition.number);
    }
    case HealAction::add_replicas_or_lower_min_isr:
        return "lower min.insync.replicas of " + subject + "'s topic, or give it more replicas";
    case HealAction::raise_throttle_or_cancel:
        return "raise the throttle of the unfinished reassignment of " + subject + ", or cancel it";
    }
    return "";
}

Guarantee cluster_heals(const Liveness& liveness, const Configuration& configuration) {
    Guarantee guarantee{"cluster_heals", GuaranteeState::held, ""};
    if (liveness.state == Liveness::State::converged) return guarantee;
    const bool stuck = liveness.state == Liveness::State::stuck;
    guarantee.state = stuck ? GuaranteeState::violated : GuaranteeState::allowed;
    const auto first = std::find_if(liveness.open.begin(), liveness.open.end(), [&](const OpenEnd& one) {
        return (one.action == HealAction::none) == stuck;
    });
    guarantee.because =
        std::string(word_of(first->property)) + " does not hold for " + subject_of(*first, configuration);
    if (!stuck) guarantee.because += ", by design; what would end it: " + action_of(*first, configuration);
    return guarantee;
}

} // namespace kafka
