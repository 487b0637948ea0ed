#pragma once
// What must hold between what the controller has decided and what brokers make of it.

#include "models/cluster/observer.hpp"

#include <string>
#include <vector>

namespace kafka {

/// Rules of controller and broker state; each is *always*. Source: reference/anomalies.md B2 (Vanlightly's
/// kip_966_properties).
enum class ControlRule : std::uint8_t {
    no_fenced_broker_is_in_an_isr,            // ValidControllerState; KRaft only
    leaders_know_their_isr,                   // ReplicationQuorumSuperset
    eligible_replicas_have_committed_records, // LeaderCandidateCompleteness
    brokers_have_the_metadata_that_they_say,  // MetadataLogMatching; KRaft only
    fetchers_follow_roles,                    // ValidFetcherState
    count,
};
inline constexpr std::size_t control_rule_count = static_cast<std::size_t>(ControlRule::count);
const char* name_of(ControlRule rule);

/// A rule that an event has broken.
struct ControlBreach {
    ControlRule rule{};
    PartitionIndex partition;
    std::string text;
};

/// What is known to be committed of a partition.
struct CommittedPrefix {
    Offset end;
    std::uint64_t hash = 0;
    BrokerSet excused; // replicas that lost data, or that Kafka itself lets in too early
};

void check_fenced(const World& world, std::vector<ControlBreach>& found);
void check_leader(PartitionIndex partition, const World& world, std::vector<ControlBreach>& found);
void check_eligible(PartitionIndex partition, const World& world, const CommittedPrefix& committed,
                    std::vector<ControlBreach>& found);
void check_metadata(BrokerSlot broker, const World& world, std::vector<ControlBreach>& found);
void check_fetchers(PartitionIndex partition, const World& world, std::vector<ControlBreach>& found);

} // namespace kafka
