// What administrators write, and what all nodes say.

#include "models/control/zookeeper/nodes.hpp"

#include <algorithm>

namespace kafka {

using ensemble::fire;
using ensemble::place_of;

namespace {

/// Whether they are one entry under /admin: a second request of the kind for the same partition or topic.
bool is_same_node(const AdminNodeRecord& a, const AdminNodeRecord& b) {
    return a.kind == b.kind && a.partition == b.partition && a.topic == b.topic;
}

} // namespace

namespace ensemble {

void fire(ZooKeeper& self, ZooKeeperNodes nodes, Turn& turn) {
    for (ZooKeeperSession& one : self.sessions) {
        if ((one.watches & bit(nodes)) == 0) continue;
        one.watches &= static_cast<std::uint8_t>(all_watched ^ bit(nodes));
        if (one.connection.valid()) turn.send(one.connection, sim::Side::server, ZooKeeperEvent{nodes}, 60);
    }
}

void assign(ZooKeeper& self, const PartitionRecord& record, Turn& turn) {
    PartitionState& state = self.partitions[place_of(record.partition)];
    state.replicas = record.state.replicas;
    state.adding = record.state.adding;
    state.removing = record.state.removing;
    turn.note(fact::ReplicasChanged{record.partition, state.replicas, state.adding, state.removing});
}

/// Source: KafkaZkClient.deleteTopicZNode, deleteTopicConfigs, deleteTopicDeletions.
void clear(ZooKeeper& self, const AdminNodeRecord& entry, ZooKeeperCall call, Turn& turn) {
    std::erase_if(self.admin, [&](const AdminNodeRecord& one) { return is_same_node(one, entry); });
    if (call != ZooKeeperCall::delete_topics) return;
    const TopicConfiguration& topic = turn.configuration.topic(entry.topic);
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
        const PartitionIndex partition = next(topic.partition_first, i);
        PartitionState& state = self.partitions[place_of(partition)];
        self.assigned[place_of(partition)] = 0;
        if (!exists(state)) continue;
        state = not_yet_created();
        state.deleted = true;
        turn.note(fact::PartitionChanged{partition, state.leader, state.leader_epoch, state.partition_epoch,
                                         state.isr, state.elr, state.last_known_elr,
                                         ChangeCause::topic_deleted, false});
    }
}

} // namespace ensemble

namespace {

void describe_admin(const ZooKeeper& self, std::uint8_t nodes, std::vector<MetadataRecord>& records) {
    if ((nodes & bit(ZooKeeperNodes::admin)) != 0)
        for (const AdminNodeRecord& entry : self.admin)
            records.emplace_back(entry);
    if ((nodes & bit(ZooKeeperNodes::directories)) == 0) return;
    for (const BrokerSlot broker : self.directory_events)
        records.emplace_back(AdminNodeRecord{
            AdminNodeRecord::Kind::directory_failed, PartitionIndex{-1}, TopicIndex{-1}, broker, {}});
}

} // namespace

/// Source: AdminUtils.changeTopicConfig, DynamicConfigManager: a sequential node under /config/changes.
void set_topic(ZooKeeper& self, TopicIndex topic, const TopicSettings& settings, Turn& turn) {
    self.topics[static_cast<std::size_t>(topic.value)] = settings;
    self.zxid += 1;
    fire(self, ZooKeeperNodes::configs, turn);
}

void set_broker(ZooKeeper& self, BrokerSlot broker, std::int32_t fault, Turn& turn) {
    self.broker_settings[place_of(broker)] = fault;
    self.zxid += 1;
    fire(self, ZooKeeperNodes::configs, turn);
}

/// Source: AdminZkClient.addPartitions: the assignment is written, and the controller creates what is new.
void create_partitions(ZooKeeper& self, TopicIndex topic, std::int32_t partitions, Turn& turn) {
    const TopicConfiguration& configured = turn.configuration.topic(topic);
    for (std::int32_t i = 0; i < std::min(partitions, configured.partitions); ++i)
        self.assigned[place_of(next(configured.partition_first, i))] = 1;
    self.zxid += 1;
    fire(self, ZooKeeperNodes::partitions, turn);
}

/// Source: AclAuthorizer, /kafka-acl-changes.
void set_access(ZooKeeper& self, ProducerIndex producer, bool denied, Turn& turn) {
    const std::uint64_t one = std::uint64_t{1} << producer.value;
    self.denied = denied ? self.denied | one : self.denied & ~one;
    self.zxid += 1;
    fire(self, ZooKeeperNodes::configs, turn);
}

void set_throttle(ZooKeeper& self, std::int32_t fault, bool removed, Turn& turn) {
    std::erase(self.throttles, fault);
    if (!removed) self.throttles.push_back(fault);
    self.zxid += 1;
    fire(self, ZooKeeperNodes::configs, turn);
}

bool has_admin_node(const ZooKeeper& self, AdminNodeRecord::Kind kind, PartitionIndex partition) {
    return std::any_of(self.admin.begin(), self.admin.end(), [&](const AdminNodeRecord& one) {
        return one.kind == kind && one.partition == partition;
    });
}

/// Source: KafkaZkClient.createDeleteTopicPath, createPartitionReassignment, createPreferredReplicaElection.
bool set_admin_node(ZooKeeper& self, const AdminNodeRecord& entry, Turn& turn) {
    const bool stands = std::any_of(self.admin.begin(), self.admin.end(),
                                    [&](const AdminNodeRecord& one) { return is_same_node(one, entry); });
    if (stands) return false;
    self.admin.push_back(entry);
    self.zxid += 1;
    fire(self, ZooKeeperNodes::admin, turn);
    return true;
}

bool forget_broker(ZooKeeper& self, BrokerSlot broker, Turn& turn) {
    RegisteredBroker& node = self.registered[place_of(broker)];
    if (node.session != no_session || node.epoch == no_broker_epoch) return false;
    turn.note(fact::BrokerChanged{broker, BrokerEvent::unregistered, node.epoch});
    node = RegisteredBroker{};
    return true;
}

std::vector<MetadataRecord> describe(const ZooKeeper& self, std::uint8_t nodes) {
    std::vector<MetadataRecord> records;
    for (std::size_t i = 0; i < self.registered.size(); ++i) {
        const RegisteredBroker& broker = self.registered[i];
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        if ((nodes & bit(ZooKeeperNodes::brokers)) != 0 && broker.session != no_session)
            records.emplace_back(BrokerRecord{slot, broker.epoch, false, false, broker.incarnation, 0,
                                              no_offset, BrokerEvent::registered});
        if ((nodes & bit(ZooKeeperNodes::configs)) != 0 && self.broker_settings[i] >= 0)
            records.emplace_back(BrokerConfigRecord{slot, self.broker_settings[i]});
    }
    describe_admin(self, nodes, records);
    const bool all = (nodes & bit(ZooKeeperNodes::partitions)) != 0;
    const bool moving = (nodes & bit(ZooKeeperNodes::moving)) != 0;
    const bool changed = (nodes & bit(ZooKeeperNodes::isr_changes)) != 0;
    for (std::size_t i = 0; i < self.partitions.size(); ++i) {
        const PartitionIndex partition{static_cast<std::int32_t>(i)};
        const bool told =
            changed && std::binary_search(self.isr_changes.begin(), self.isr_changes.end(), partition);
        if (self.assigned[i] != 0 && (all || told || (moving && is_reassigning(self.partitions[i]))))
            records.emplace_back(
                PartitionRecord{partition, self.partitions[i], {}, ChangeCause::created, false});
    }
    if ((nodes & bit(ZooKeeperNodes::configs)) == 0) return records;
    for (std::size_t i = 0; i < self.topics.size(); ++i)
        records.emplace_back(TopicConfigRecord{TopicIndex{static_cast<std::int32_t>(i)}, self.topics[i]});
    for (const std::int32_t fault : self.throttles)
        records.emplace_back(ThrottleRecord{fault, false});
    for (std::int32_t i = 0; i < 64; ++i) {
        const bool denied = ((self.denied >> i) & 1U) != 0;
        records.emplace_back(AccessControlRecord{ProducerIndex{i}, denied});
    }
    return records;
}

} // namespace kafka
