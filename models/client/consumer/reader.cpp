#include "models/client/consumer/reader.hpp"

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka {

namespace parts {

ConnectionSettings connection_settings(const Reader& self, const Turn& turn) {
    const ConsumerSettings& set = configured(self, turn).settings;
    return {set.reconnect_backoff, set.reconnect_backoff_max, set.connection_setup_timeout,
            set.connection_setup_timeout_max};
}

ReaderPosition* position_at(Reader& self, PartitionIndex partition) {
    for (ReaderPosition& position : self.positions)
        if (position.partition == partition) return &position;
    return nullptr;
}

const MetadataView::PartitionView& leader_view(const Reader& self, PartitionIndex partition) {
    return self.metadata.partitions[static_cast<std::size_t>(partition.value)];
}

namespace {

sim::SimTime next_metadata_request(const Reader& self, const Turn& turn) {
    const MetadataView& metadata = self.metadata;
    if (metadata.asked != no_slot) return metadata.deadline;
    const ConsumerSettings& set = configured(self, turn).settings;
    if (!metadata.requested) return metadata.refreshed + set.metadata_max_age;
    if (metadata.refreshed > turn.now)
        return metadata.refreshed + set.retry_backoff; // the clock was set back
    if (metadata.attempts == 0) return turn.now;
    sim::Duration wait = set.retry_backoff;
    for (std::int32_t i = 1; i < metadata.attempts && wait < set.retry_backoff_max; ++i)
        wait = wait * 2;
    return metadata.attempted + std::min(wait, set.retry_backoff_max);
}

void ask_metadata(Reader& self, Turn& turn) {
    if (self.metadata.asked != no_slot || next_metadata_request(self, turn) > turn.now) return;
    const auto count = static_cast<std::int32_t>(self.nodes.size());
    for (std::int32_t i = 0; i < count; ++i) {
        const BrokerSlot slot{(self.next_node + i) % count};
        ReaderNode& node = self.nodes[static_cast<std::size_t>(slot.value)];
        if (node.link.state != NodeConnection::State::ready) continue;
        self.metadata.asked = slot;
        self.metadata.correlation = self.next_correlation++;
        self.metadata.attempted = turn.now;
        self.metadata.attempts += 1;
        self.metadata.deadline = turn.now + configured(self, turn).settings.request_timeout;
        turn.send(node.link.connection, sim::Side::client, MetadataRequest{self.metadata.correlation}, 60);
        return;
    }
    const bool connecting = std::any_of(self.nodes.begin(), self.nodes.end(), [](const ReaderNode& node) {
        return node.link.state == NodeConnection::State::connecting;
    });
    for (std::int32_t i = 0; i < count && !connecting; ++i) {
        const BrokerSlot slot{(self.next_node + i) % count};
        ReaderNode& node = self.nodes[static_cast<std::size_t>(slot.value)];
        if (node.link.retry_at > turn.now) continue;
        ensure_ready(node.link, slot, connection_settings(self, turn), turn);
        self.next_node = (slot.value + 1) % count;
        return;
    }
}

} // namespace

void node_lost(Reader& self, BrokerSlot slot) {
    ReaderNode& node = self.nodes[static_cast<std::size_t>(slot.value)];
    node.fetch_in_flight = false;
    node.deadline = sim::SimTime::never();
    self.metadata.requested = true;
    if (self.metadata.asked == slot) {
        self.metadata.asked = no_slot;
        self.metadata.deadline = sim::SimTime::never();
    }
    for (ReaderPosition& position : self.positions)
        if (position.asked == slot && position.in_flight) {
            position.in_flight = false;
            position.preferred = no_slot;
        }
    if (self.member.find_asked != slot) return;
    self.member.find_asked = no_slot;
    self.member.find_deadline = sim::SimTime::never();
}

namespace {

void time_out(Reader& self, Turn& turn) {
    for (std::size_t i = 0; i < self.nodes.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        ReaderNode& node = self.nodes[i];
        const bool metadata_late = self.metadata.asked == slot && self.metadata.deadline <= turn.now;
        if (node.deadline > turn.now && node.link.setup_deadline > turn.now && !metadata_late) continue;
        close(node.link, connection_settings(self, turn), turn);
        node_lost(self, slot);
    }
}

void schedule_wake(Reader& self, Turn& turn) {
    sim::SimTime due = next_metadata_request(self, turn);
    for (const ReaderNode& node : self.nodes) {
        due = std::min({due, node.deadline, node.link.setup_deadline});
        if (node.link.state == NodeConnection::State::closed && node.link.retry_at > turn.now)
            due = std::min(due, node.link.retry_at);
    }
    for (const ReaderPosition& position : self.positions)
        if (!position.in_flight && position.not_before > turn.now) due = std::min(due, position.not_before);
    if (is_member(self, turn)) due = std::min(due, member_due(self, turn));
    if (due <= turn.now) due = turn.now + sim::milliseconds(1);
    if (due == self.wake_at && self.wake_at > turn.now) return;
    if (self.wake_at != sim::SimTime::never()) turn.cancel(self.wake_handle);
    self.wake_at = due;
    if (due != sim::SimTime::never()) self.wake_handle = turn.at(due, Timer{0, ++self.wake_round, 0, 0});
}

} // namespace

void reader_pump(Reader& self, Turn& turn) {
    if (!self.started) return;
    time_out(self, turn);
    if (is_member(self, turn)) {
        pump_member(self, turn);
        run_output(self, turn);
    } else if (self.metadata.known) {
        ask_positions(self, turn);
        send_fetches(self, turn);
    }
    ask_metadata(self, turn);
    schedule_wake(self, turn);
}

} // namespace parts

namespace {

BrokerSlot node_of(const Reader& self, sim::ConnectionId connection) {
    for (std::size_t i = 0; i < self.nodes.size(); ++i)
        if (self.nodes[i].link.connection == connection) return BrokerSlot{static_cast<std::int32_t>(i)};
    return no_slot;
}

bool is_of_coordinator(const Reader& self, sim::ConnectionId connection) {
    const NodeConnection& link = self.member.link;
    return link.state != NodeConnection::State::closed && link.connection == connection;
}

void lost(Reader& self, sim::ConnectionId connection, Turn& turn) {
    if (is_of_coordinator(self, connection)) {
        parts::coordinator_disconnected(self, turn);
        return parts::reader_pump(self, turn);
    }
    const BrokerSlot slot = node_of(self, connection);
    if (slot == no_slot) return turn.ignore("a connection that is no longer in use");
    mark_lost(self.nodes[static_cast<std::size_t>(slot.value)].link, parts::connection_settings(self, turn),
              turn);
    parts::node_lost(self, slot);
    parts::reader_pump(self, turn);
}

/// A reader without a group takes over partitions that were added, as a subscription to the topic would.
void take_new_partitions(Reader& self, Turn& turn) {
    if (parts::is_member(self, turn)) return;
    for (const TopicIndex topic : parts::configured(self, turn).topics) {
        const TopicConfiguration& asked = turn.configuration.topic(topic);
        for (std::int32_t i = 0; i < asked.partitions; ++i) {
            const PartitionIndex partition = next(asked.partition_first, i);
            if (!turn.configuration.partition(partition).created_later) continue;
            if (!is_known(self.metadata, partition)) continue;
            if (parts::position_at(self, partition) != nullptr) continue;
            ReaderPosition position;
            position.partition = partition;
            self.positions.push_back(position);
            parts::begin_reset(self, self.positions.back(), PositionCause::start, turn);
        }
    }
    parts::sort_positions(self);
}

void on_metadata(Reader& self, const MetadataResponse& response, Turn& turn) {
    if (self.metadata.asked != no_slot && response.correlation == self.metadata.correlation) {
        update(self.metadata, turn.slabs().metadata_answer.open(response.content), turn.now);
        take_new_partitions(self, turn);
        self.metadata.asked = no_slot;
        self.metadata.deadline = sim::SimTime::never();
        self.metadata.requested =
            std::any_of(self.positions.begin(), self.positions.end(), [&](const ReaderPosition& position) {
                return parts::leader_view(self, position.partition).leader == no_slot;
            });
        if (!self.metadata.requested) self.metadata.attempts = 0;
    }
    turn.slabs().metadata_answer.release(response.content);
}

} // namespace

Reader make_reader(const Configuration& configuration, ConsumerIndex index) {
    const ConsumerConfiguration& configured = configuration.consumer(index);
    Reader self;
    self.index = index;
    const ProducerIndex output = configured.application.output.producer;
    if (output.value >= 0) self.output.push_back(make_producer(configuration, output));
    self.nodes.resize(configuration.brokers.size());
    self.metadata.partitions.resize(configuration.partitions.size());
    if (configured.group != no_group) return self; // the group assigns
    for (const TopicIndex topic : configured.topics)
        for (std::int32_t i = 0; i < configuration.topic(topic).partitions; ++i) {
            ReaderPosition position;
            position.partition = next(configuration.topic(topic).partition_first, i);
            if (configuration.partition(position.partition).created_later) continue;
            position.to_earliest = configured.settings.auto_offset_reset == AutoOffsetReset::earliest;
            self.positions.push_back(position);
        }
    return self;
}

namespace {

/// A new process; the numbers of the records that its producer writes go on.
void renew(Reader& self, const Configuration& configuration) {
    std::vector<Producer> output = std::move(self.output);
    self = make_reader(configuration, self.index);
    if (!output.empty()) self.output = std::move(output);
}

Producer* owner_of(Reader& self, sim::ConnectionId connection) {
    for (Producer& output : self.output)
        if (owns_connection(output, connection)) return &output;
    return nullptr;
}

} // namespace

void lose_memory(Reader& self, bool was_running, Turn& turn) {
    for (Producer& output : self.output)
        lose_memory(output, was_running, turn);
    renew(self, turn.configuration);
}

void start(Reader& self, Turn& turn) {
    renew(self, turn.configuration);
    self.clock = fresh_view(turn);
    self.next_node = static_cast<std::int32_t>(
        sim::below(turn.draw(Purpose::sticky_partition, 1000 + static_cast<std::uint64_t>(self.index.value)),
                   self.nodes.size()));
    for (ReaderPosition& position : self.positions)
        parts::begin_reset(self, position, PositionCause::start, turn);
    self.wake_handle = turn.at(parts::configured(self, turn).start, Timer{1, self.wake_round, 0, 0});
}

bool has_assignment(const Reader& self) {
    const Membership& member = self.member;
    if (member.protocol.state != ProtocolState::unsubscribed) // only with group.protocol=consumer
        return member.protocol.state == ProtocolState::stable;
    return member.state == MemberState::stable && !member.rejoin_needed;
}

void on(Reader& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (Producer* output = owner_of(self, connection)) {
        on(*output, connection, mail, turn);
        return parts::reader_pump(self, turn);
    }
    if (is_of_coordinator(self, connection)) {
        parts::on_coordinator_mail(self, mail, turn);
        return parts::reader_pump(self, turn);
    }
    const BrokerSlot slot = node_of(self, connection);
    if (slot == no_slot) {
        turn.release(mail);
        return turn.ignore("an answer on a connection that is no longer in use");
    }
    if (const auto* fetched = std::get_if<FetchResponse>(&mail))
        parts::on_fetched(self, slot, *fetched, turn);
    else if (const auto* metadata = std::get_if<MetadataResponse>(&mail))
        on_metadata(self, *metadata, turn);
    else if (const auto* list = std::get_if<ListOffsetsResponse>(&mail))
        parts::on_list_offsets(self, *list, turn);
    else if (const auto* end = std::get_if<OffsetsForLeaderEpochResponse>(&mail))
        parts::on_epoch_end(self, *end, turn);
    else if (const auto* found = std::get_if<FindCoordinatorResponse>(&mail))
        parts::on_coordinator(self, *found, turn);
    if (!self.nodes[static_cast<std::size_t>(slot.value)].fetch_in_flight)
        self.nodes[static_cast<std::size_t>(slot.value)].deadline = sim::SimTime::never();
    parts::reader_pump(self, turn);
}

void on(Reader& self, const Connected& event, Turn& turn) {
    if (Producer* output = owner_of(self, event.connection)) {
        on(*output, event, turn);
        return parts::reader_pump(self, turn);
    }
    if (is_of_coordinator(self, event.connection)) {
        mark_ready(self.member.link);
        return parts::reader_pump(self, turn);
    }
    const BrokerSlot slot = node_of(self, event.connection);
    if (slot == no_slot) return turn.close(event.connection, sim::Side::client);
    mark_ready(self.nodes[static_cast<std::size_t>(slot.value)].link);
    parts::reader_pump(self, turn);
}

void on(Reader& self, const Refused& event, Turn& turn) {
    Producer* output = owner_of(self, event.connection);
    if (output == nullptr) return lost(self, event.connection, turn);
    on(*output, event, turn);
    parts::reader_pump(self, turn);
}
void on(Reader& self, const Disconnected& event, Turn& turn) {
    Producer* output = owner_of(self, event.connection);
    if (output == nullptr) return lost(self, event.connection, turn);
    on(*output, event, turn);
    parts::reader_pump(self, turn);
}
void on(Reader& self, const Writable&, Turn& turn) { parts::reader_pump(self, turn); }

void on(Reader& self, const Timer& timer, Turn& turn) {
    if (timer.what == timer_of_output) {
        for (Producer& output : self.output)
            on(output, timer, turn);
        return parts::reader_pump(self, turn);
    }
    if (timer.what == 1) {
        self.started = true;
        for (Producer& output : self.output)
            start(output, turn);
    } else if (timer.round != self.wake_round) {
        return turn.ignore("stale wake-up");
    }
    self.wake_at = sim::SimTime::never();
    parts::reader_pump(self, turn);
}

bool begin_stop(Reader& self, Turn& turn) {
    const bool closes = parts::is_member(self, turn) && self.started &&
                        self.thread.stage != ConsumingStage::ended &&
                        parts::application_of(self, turn).shutdown == ShutdownStyle::close;
    if (!closes) return false;
    self.thread.stop_requested = true;
    parts::reader_pump(self, turn);
    return true;
}

} // namespace kafka
