// What the leader of a classic group computes for all members.

#include "models/client/consumer/member.hpp"
#include "models/group/assignors.hpp"

namespace kafka::parts {

std::vector<SyncGroupContent::Entry> assigned_by_leader(AssignorKind kind, const JoinGroupAnswer& answer,
                                                        const Configuration& configuration) {
    return assign(kind, answer.members, topics_by_name(configuration)).entries;
}

} // namespace kafka::parts
