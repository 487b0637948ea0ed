#pragma once
// How the command line tools of a release print what they describe.

#include "models/dialect/release.hpp"

#include <cstdint>

namespace kafka {

/// How kafka-consumer-groups --describe lays out its table of offsets.
/// Source: ConsumerGroupCommand of the branches 0.9.0 to 3.9, and of 4.x.
enum class OffsetsTable : std::uint8_t {
    none,       // 0.8.2 has no such tool
    commas,     // 0.9.0: one line each, ", " between the fields, OWNER last
    owner,      // 0.10.0: fixed columns, OWNER last
    fixed,      // 0.10.2: fixed columns without the group, CONSUMER-ID, HOST, CLIENT-ID
    fitted,     // 1.1: columns as wide as their longest value (KIP-175)
    with_group, // 2.3: GROUP first (KIP-379)
};

struct AdminTools {
    // kafka-topics. Source: TopicCommand.
    bool spaces_after_colons = true; // 2.4: "Topic: orders"; before "Topic:orders"
    bool effective_configs = true; // 2.2: asks brokers (KIP-377): all that is not a default; before: its own
    bool topic_ids = true;         // 2.8: KIP-516
    bool eligible_replicas = true; // 3.8: KIP-966; KAFKA-15585
    bool says_no_leader = true;    // 2.2: "none"; before the -1 that stands in ZooKeeper
    // kafka-consumer-groups. Source: ConsumerGroupCommand.
    OffsetsTable offsets = OffsetsTable::with_group;
    bool members_and_state = true;      // 1.1: --members, --state, --verbose (KIP-175)
    bool instance_ids = true;           // 2.6: GROUP-INSTANCE-ID when a member has one
    bool line_before_message = true;    // 2.3: "\nConsumer group ...", "\nError: ..."
    bool is_java = true;                // 3.8: "host:port  (id)", a header without members (KAFKA-14589)
    bool assignment_names_topic = true; // not in 3.8 and 3.9: "(0,1)"
    bool epochs = true;                 // 4.0: KIP-1099, LEADER-EPOCH, CURRENT-EPOCH, GROUP-EPOCH and so on
    bool absent_group_is_error = true;  // 4.0: GROUP_ID_NOT_FOUND (KIP-1043); before: a group that is Dead
    bool passes_leaderless = true;      // 4.2: a partition without leader has "-" (KAFKA-19435)
    // kafka-verifiable-producer and -consumer: one form of events since 1.0 (KAFKA-5516).
    bool verifiable_events = true;
    // Names that a consumer takes when it has no client.id. Source: KafkaConsumer, ConsumerConfig.
    bool client_id_names_group = true; // 2.4: "consumer-GROUP-1"; before "consumer-1"
};

AdminTools admin_tools_of(Release release);

} // namespace kafka
