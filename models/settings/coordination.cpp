// Settings of groups and transactions, read into their structs.

#include "models/settings/merge.hpp"

#include <algorithm>

namespace kafka::parts {

std::string lower(std::string text) {
    for (char& letter : text)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
    return text;
}

namespace {

constexpr sim::Duration never{9223372036854775807};

std::int32_t whole(const Merged& merged, const std::string& name, std::int32_t otherwise) {
    return static_cast<std::int32_t>(merged.number(name, otherwise));
}

/// "range", "org.apache.kafka.clients.consumer.RangeAssignor" and the like; nothing for an unknown class.
std::optional<AssignorKind> assignor_of(const std::string& text) {
    const std::string name = lower(text.substr(text.rfind('.') + 1));
    if (name == "range" || name == "rangeassignor") return AssignorKind::range;
    if (name == "roundrobin" || name == "roundrobinassignor") return AssignorKind::round_robin;
    if (name == "sticky" || name == "stickyassignor") return AssignorKind::sticky;
    if (name == "cooperative-sticky" || name == "cooperativestickyassignor")
        return AssignorKind::cooperative_sticky;
    if (name == "uniform" || name == "uniformassignor") return AssignorKind::uniform;
    return std::nullopt;
}

/// Known assignors of a list, in order. Leaves out: custom classes, which are skipped.
std::vector<AssignorKind> assignors_of(std::string list) {
    std::vector<AssignorKind> all;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string one = list.substr(0, comma);
        list.erase(0, std::min(comma + 1, list.size()));
        while (!one.empty() && (one.front() == ' ' || one.front() == '['))
            one.erase(0, 1);
        while (!one.empty() && (one.back() == ' ' || one.back() == ']'))
            one.pop_back();
        if (const std::optional<AssignorKind> kind = assignor_of(one)) all.push_back(*kind);
    }
    return all;
}

} // namespace

std::string given_text(const Merged& merged, const std::string& name) {
    const std::string text = merged.text(name, "");
    return text == "null" || text == "(empty)" || text == "(required)" ? "" : text;
}

MemberSettings member_settings(const Merged& merged) {
    MemberSettings s;
    const bool new_protocol = lower(given_text(merged, "group.protocol")) == "consumer"; // 3.7 and later
    s.protocol = new_protocol ? GroupProtocol::consumer : GroupProtocol::classic;
    s.instance_id = given_text(merged, "group.instance.id");
    s.session_timeout = merged.millis("session.timeout.ms", s.session_timeout);
    s.heartbeat_interval = merged.millis("heartbeat.interval.ms", s.heartbeat_interval);
    s.max_poll_interval = merged.millis("max.poll.interval.ms", never);
    s.max_poll_records = whole(merged, "max.poll.records", 2147483647);
    s.enable_auto_commit = merged.flag("enable.auto.commit", true);
    s.auto_commit_interval = merged.millis("auto.commit.interval.ms", s.auto_commit_interval);
    s.isolation_level = lower(given_text(merged, "isolation.level")) == "read_committed"
                            ? IsolationLevel::read_committed
                            : IsolationLevel::read_uncommitted;
    const std::vector<AssignorKind> assignors =
        assignors_of(given_text(merged, "partition.assignment.strategy"));
    s.assignors = assignors.empty() ? std::vector<AssignorKind>{AssignorKind::range} : assignors;
    s.remote_assignor = assignor_of(given_text(merged, "group.remote.assignor"));
    s.default_api_timeout = merged.millis("default.api.timeout.ms", s.default_api_timeout);
    s.rack = given_text(merged, "client.rack");
    return s;
}

/// Source: ConsumerConfig.checkUnsupportedConfigsPostProcess (4.0), where each is a ConfigException. Here the
/// settings are ignored, so that one scenario can run under both protocols.
void check_protocol(Merged& merged, const MemberSettings& settings) {
    const char* classic_only[] = {"session.timeout.ms", "heartbeat.interval.ms",
                                  "partition.assignment.strategy"};
    if (settings.protocol == GroupProtocol::consumer)
        for (const char* name : classic_only)
            if (merged.was_given(name))
                merged.warnings.push_back(
                    std::string(name) + " is ignored with group.protocol=consumer: the broker's "
                                        "group.consumer.* settings count (the Java client would refuse it)");
    if (settings.protocol == GroupProtocol::classic && merged.was_given("group.remote.assignor"))
        merged.warnings.push_back("group.remote.assignor is ignored without group.protocol=consumer (the "
                                  "Java client would refuse it)");
}

/// Source: GroupCoordinatorConfig.validate.
void check_consumer_groups(Merged& merged) {
    for (const char* what : {"session.timeout", "heartbeat.interval"}) {
        const std::string name = std::string("group.consumer.") + what + ".ms";
        if (merged.find(name) == nullptr) continue; // older than the protocol
        const std::string least = std::string("group.consumer.min.") + what + ".ms";
        const std::string most = std::string("group.consumer.max.") + what + ".ms";
        const std::int64_t value = merged.number(name, 0);
        const auto wrong = [&](const std::string& bound, const char* word) {
            merged.problems.push_back({name, merged.find(name)->source,
                                       "expected " + std::string(word) + " " + bound + " = " +
                                           std::to_string(merged.number(bound, 0)) + ", got \"" +
                                           merged.text(name, "") + "\""});
        };
        if (value < merged.number(least, 0)) wrong(least, "at least");
        if (value > merged.number(most, value)) wrong(most, "at most");
    }
    if (merged.find("group.consumer.session.timeout.ms") == nullptr) return;
    if (merged.number("group.consumer.heartbeat.interval.ms", 0) >=
        merged.number("group.consumer.session.timeout.ms", 1))
        merged.problems.push_back({"group.consumer.heartbeat.interval.ms",
                                   merged.find("group.consumer.heartbeat.interval.ms")->source,
                                   "expected less than group.consumer.session.timeout.ms"});
}

GroupCoordinatorSettings group_settings(const Merged& merged) {
    GroupCoordinatorSettings s;
    s.initial_rebalance_delay = merged.millis("group.initial.rebalance.delay.ms", sim::Duration{0});
    s.min_session_timeout = merged.millis("group.min.session.timeout.ms", s.min_session_timeout);
    s.max_session_timeout = merged.millis("group.max.session.timeout.ms", s.max_session_timeout);
    s.max_size = whole(merged, "group.max.size", s.max_size);
    s.offsets_partitions = whole(merged, "offsets.topic.num.partitions", s.offsets_partitions);
    s.offsets_replication_factor =
        whole(merged, "offsets.topic.replication.factor", s.offsets_replication_factor);
    s.offsets_commit_timeout = merged.millis("offsets.commit.timeout.ms", s.offsets_commit_timeout);
    s.offsets_retention = sim::seconds(merged.number("offsets.retention.minutes", 10080) * 60);
    s.offsets_retention_check_interval =
        merged.millis("offsets.retention.check.interval.ms", s.offsets_retention_check_interval);
    s.append_linger = sim::milliseconds(merged.number("group.coordinator.append.linger.ms", 0));
    s.consumer_session_timeout =
        merged.millis("group.consumer.session.timeout.ms", s.consumer_session_timeout);
    s.consumer_heartbeat_interval =
        merged.millis("group.consumer.heartbeat.interval.ms", s.consumer_heartbeat_interval);
    s.consumer_max_size = whole(merged, "group.consumer.max.size", s.consumer_max_size);
    const std::vector<AssignorKind> assignors = assignors_of(given_text(merged, "group.consumer.assignors"));
    if (!assignors.empty()) s.consumer_assignors = assignors;
    return s;
}

TransactionCoordinatorSettings transaction_settings(const Merged& merged) {
    TransactionCoordinatorSettings s;
    s.max_timeout = merged.millis("transaction.max.timeout.ms", s.max_timeout);
    s.state_partitions = whole(merged, "transaction.state.log.num.partitions", s.state_partitions);
    s.state_replication_factor =
        whole(merged, "transaction.state.log.replication.factor", s.state_replication_factor);
    s.state_min_isr = whole(merged, "transaction.state.log.min.isr", s.state_min_isr);
    s.abort_timed_out_interval = merged.millis("transaction.abort.timed.out.transaction.cleanup.interval.ms",
                                               s.abort_timed_out_interval);
    s.id_expiration = merged.millis("transactional.id.expiration.ms", s.id_expiration);
    s.add_partitions_retry_backoff =
        merged.millis("add.partitions.to.txn.retry.backoff.ms", s.add_partitions_retry_backoff);
    s.add_partitions_retry_backoff_max =
        merged.millis("add.partitions.to.txn.retry.backoff.max.ms", s.add_partitions_retry_backoff_max);
    s.partition_verification = merged.flag("transaction.partition.verification.enable", false);
    return s;
}

} // namespace kafka::parts
