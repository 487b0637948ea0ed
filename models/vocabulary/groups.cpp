#include "models/vocabulary/groups.hpp"

namespace kafka {

namespace {

constexpr std::int32_t partition_bytes = 4;
constexpr std::int32_t topic_bytes = 12;
constexpr std::int32_t group_bytes = 14; // with the key's version and lengths
constexpr std::int32_t member_bytes = 46;

std::int32_t list_bytes(std::size_t count, std::int32_t each) {
    return 4 + each * static_cast<std::int32_t>(count);
}

struct Bytes {
    std::int32_t operator()(const OffsetCommitRecord& record) const {
        const std::int32_t key = group_bytes + topic_bytes + partition_bytes;
        return record.tombstone ? key : key + 24;
    }
    std::int32_t operator()(const GroupMetadataRecord& record) const {
        if (record.tombstone) return group_bytes;
        std::int32_t bytes = group_bytes + 40;
        for (const GroupMetadataRecord::Member& member : record.members)
            bytes += member_bytes + 60 + list_bytes(member.topics.size(), topic_bytes) +
                     list_bytes(member.assignment.size(), partition_bytes);
        return bytes;
    }
    std::int32_t operator()(const ConsumerGroupRecord&) const { return group_bytes + 8; }
    std::int32_t operator()(const ConsumerGroupMemberRecord& record) const {
        const std::int32_t key = group_bytes + member_bytes;
        if (record.tombstone) return key;
        return key + 30 + list_bytes(record.topics.size(), topic_bytes) +
               list_bytes(record.partitions.size(), partition_bytes) +
               list_bytes(record.revoking.size(), partition_bytes);
    }
    std::int32_t operator()(const TransactionRecord& record) const {
        return record.tombstone ? group_bytes
                                : group_bytes + 60 + list_bytes(record.partitions.size(), partition_bytes);
    }
};

} // namespace

std::int32_t record_bytes(const CoordinatorRecord& record) { return std::visit(Bytes{}, record); }

} // namespace kafka
