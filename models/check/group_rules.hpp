#pragma once
// What must hold between group coordinators, their members and what members believe.

#include "models/cluster/observer.hpp"

#include <functional>
#include <string>
#include <vector>

namespace kafka {

/// Rules of groups; each is *always*. Source: reference/anomalies.md B2 (Vanlightly's model of KIP-848);
/// ClassicGroup.validateOffsetCommit, ConsumerGroup.validateOffsetCommit.
enum class GroupRule : std::uint8_t {
    commits_come_from_members,  // of the present generation; of the consumer protocol: of a present member
    partitions_have_one_owner,  // NoDoubleClientAssignment: at the coordinator, and among present members
    assignments_are_complete,   // LegalTargetAssignment: each subscribed partition has exactly one place
    group_generations_grow,     // of what is committed
    stable_groups_are_settled,  // ValidStableGroupState, ValidMemberEpoch
    committed_offsets_are_kept, // by the next coordinator
};
inline constexpr int group_rule_count = 6;
const char* name_of(GroupRule rule);

/// A rule that an event has broken.
struct GroupBreach {
    GroupRule rule{};
    PartitionIndex partition; // of __consumer_offsets, or the one that is owned twice
    std::string text;
};

/// Judges facts of groups against the coordinators' state. A value; `Invariants` counts what it finds.
class GroupRules {
  public:
    explicit GroupRules(const Configuration& configuration);
    /// `lossy` = whether a partition has lost what was committed: what follows there is no breach.
    void on(const Fact& fact, const std::function<bool(PartitionIndex)>& lossy, const World& world,
            std::vector<GroupBreach>& found);

  private:
    struct Pending { // partitions of a commit that was accepted and whose append is not decided
        ConsumerIndex consumer;
        Generation generation;
        std::int64_t count = 0;
    };
    struct State {
        Generation stable{-1};
        std::vector<Pending> pending;
    };
    const Configuration& configuration_;
    std::vector<State> states_;     // by group
    std::vector<Offset> committed_; // by group x partition: place of the latest commit's record
    std::vector<bool> believes_;    // by consumer x partition: was assigned, and not given up

    std::size_t place(std::int32_t row, PartitionIndex partition) const {
        return static_cast<std::size_t>(row) * configuration_.partitions.size() +
               static_cast<std::size_t>(partition.value);
    }
    const Group* group_at(const World& world, BrokerSlot broker, GroupIndex group) const;
    const Group* group_of(const World& world, GroupIndex group) const;
    void remember_pending(GroupIndex group, BrokerSlot broker, const World& world);
    void on_commit(const fact::OffsetCommitted& fact, const World& world, std::vector<GroupBreach>& found);
    void on_owner(const Fact& fact, const World& world, std::vector<GroupBreach>& found);
    void on_loaded(const fact::CoordinatorLoaded& fact, const World& world, std::vector<GroupBreach>& found);
    void check(GroupIndex group, BrokerSlot broker, const World& world,
               std::vector<GroupBreach>& found) const;
    void check_classic(const Group& group, const World& world, std::vector<GroupBreach>& found) const;
    void check_consumer(const Group& group, std::vector<GroupBreach>& found) const;
    void check_complete(const std::vector<TopicIndex>& topics, const std::vector<PartitionIndex>& places,
                        PartitionIndex at, std::vector<GroupBreach>& found) const;
};

} // namespace kafka
