#include "models/check/quorum.hpp"

#include <algorithm>

namespace kafka {

namespace {

constexpr const char* quorum_names[] = {
    "quorum_has_one_leader_per_epoch",          "quorum_epochs_never_fall",
    "committed_metadata_is_on_a_majority",      "committed_metadata_survives_elections",
    "metadata_logs_agree_below_high_watermark", "metadata_high_watermarks_never_fall",
    "brokers_apply_only_committed_metadata",    "active_controllers_lead_the_quorum"};

std::size_t number(Offset offset) { return static_cast<std::size_t>(offset.value); }

} // namespace

const char* QuorumInvariants::name_of(std::size_t name) { return quorum_names[name]; }

void QuorumInvariants::breach(Name name, const std::string& text, const Report& report) {
    counts_[static_cast<std::size_t>(name)] += 1;
    report(quorum_names[name], text);
}

void QuorumInvariants::on(const Fact& fact, const World& world, const Report& report) {
    if (const auto* applied = std::get_if<fact::MetadataApplied>(&fact)) {
        Offset committed{0};
        for (const Controller& voter : world.controllers)
            committed = std::max(committed, high_watermark(voter));
        if (applied->offset > committed && !world.controllers.empty())
            breach(brokers_apply_only_committed_metadata, "a broker is ahead of what is committed", report);
    }
    if (world.controllers.size() < 2) return;
    if (const auto* role = std::get_if<fact::QuorumRoleChanged>(&fact)) on_role(*role, world, report);
    if (const auto* moved = std::get_if<fact::MetadataCommitted>(&fact)) on_committed(*moved, world, report);
    if (const auto* active = std::get_if<fact::ControllerActivated>(&fact)) {
        const Controller& voter = world.controllers[static_cast<std::size_t>(active->voter.value)];
        const bool leads = voter.memory.quorum.role == QuorumRole::leader;
        if (active->active && voter.memory.active && !leads)
            breach(active_controllers_lead_the_quorum, "a controller decides without leading", report);
    }
    moved_ = true;
}

/// Whether the voter's log or snapshot holds all that was ever committed.
bool QuorumInvariants::has_all(const Controller& voter) const {
    const Offset end{static_cast<std::int64_t>(committed_.size())};
    if (voter.durable.drained < end) return false;
    const MetadataLog& log = voter.durable.log;
    if (log.start >= end) return true;
    return epoch_before(log, end) == committed_epochs_.back();
}

void QuorumInvariants::on_role(const fact::QuorumRoleChanged& fact, const World& world,
                               const Report& report) {
    const auto voter = static_cast<std::size_t>(fact.voter.value);
    epochs_.resize(world.controllers.size(), Epoch{0});
    if (fact.epoch < epochs_[voter])
        breach(quorum_epochs_never_fall, "epoch " + std::to_string(fact.epoch.value) + " after a newer one",
               report);
    epochs_[voter] = fact.epoch;
    if (fact.role != QuorumRole::leader) return;
    const auto [first, is_new] = leaders_.emplace(fact.epoch.value, fact.voter);
    if (!is_new && first->second != fact.voter)
        breach(quorum_has_one_leader_per_epoch,
               "two voters lead in epoch " + std::to_string(fact.epoch.value), report);
    if (!committed_.empty() && !has_all(world.controllers[voter]))
        breach(committed_metadata_survives_elections,
               "the leader of epoch " + std::to_string(fact.epoch.value) + " lacks committed records",
               report);
}

void QuorumInvariants::on_committed(const fact::MetadataCommitted& fact, const World& world,
                                    const Report& report) {
    std::size_t holders = 0;
    for (const Controller& voter : world.controllers)
        holders += voter.durable.drained >= fact.high_watermark ? 1 : 0;
    if (holders <= world.controllers.size() / 2)
        breach(committed_metadata_is_on_a_majority,
               "offset " + std::to_string(fact.high_watermark.value) + " is on " + std::to_string(holders) +
                   " voters",
               report);
}

/// A voter whose disk was replaced begins again.
void QuorumInvariants::check_voter(std::size_t voter, const World& world, const Report& report) {
    const Controller::Durable& durable = world.controllers[voter].durable;
    Offset& checked = high_watermarks_[voter];
    const bool wiped = durable.log.records.empty() && durable.high_watermark == Offset{0};
    if (wiped && durable.election == ElectionState{}) epochs_[voter] = Epoch{0};
    if (durable.high_watermark < checked && !wiped)
        breach(metadata_high_watermarks_never_fall, "of voter " + std::to_string(voter), report);
    checked = std::min(checked, durable.high_watermark);
    for (Offset at = std::max(checked, durable.log.start); at < durable.high_watermark; at = next(at)) {
        const auto place = static_cast<std::size_t>(distance(durable.log.start, at));
        if (number(at) == committed_.size()) {
            committed_.push_back(durable.log.records[place]);
            committed_epochs_.push_back(durable.log.epochs[place]);
        } else if (number(at) < committed_.size() &&
                   (committed_epochs_[number(at)] != durable.log.epochs[place] ||
                    committed_[number(at)] != durable.log.records[place])) {
            breach(metadata_logs_agree_below_high_watermark,
                   "voter " + std::to_string(voter) + " differs at offset " + std::to_string(at.value),
                   report);
            break;
        }
    }
    checked = durable.high_watermark;
}

void QuorumInvariants::after_step(const World& world, const Report& report) {
    if (world.controllers.size() < 2 || !moved_) return;
    moved_ = false;
    high_watermarks_.resize(world.controllers.size(), Offset{0});
    epochs_.resize(world.controllers.size(), Epoch{0});
    for (std::size_t i = 0; i < world.controllers.size(); ++i)
        check_voter(i, world, report);
}

} // namespace kafka
