#include "models/client/producer/producer.hpp"

#include "models/client/producer/transactions.hpp"

namespace kafka {

namespace {

BrokerSlot node_of(const Producer& self, sim::ConnectionId connection) {
    for (std::size_t i = 0; i < self.nodes.size(); ++i)
        if (self.nodes[i].link.connection == connection) return BrokerSlot{static_cast<std::int32_t>(i)};
    return no_slot;
}

void lost(Producer& self, sim::ConnectionId connection, Turn& turn) {
    const BrokerSlot slot = node_of(self, connection);
    if (slot == no_slot) return turn.ignore("a connection that is no longer in use");
    mark_lost(self.nodes[static_cast<std::size_t>(slot.value)].link, parts::connection_settings(self, turn),
              turn);
    parts::node_lost(self, slot, ErrorCode::network_exception, turn);
    parts::pump(self, turn);
}

} // namespace

namespace parts {

ConnectionSettings connection_settings(const Producer& self, const Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    return {set.reconnect_backoff, set.reconnect_backoff_max, set.connection_setup_timeout,
            set.connection_setup_timeout_max};
}

std::size_t first_queue_of(const Producer& self, TopicIndex topic, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    if (topic == producer.topic) return 0;
    std::int32_t at = self.own;
    for (const TopicIndex other : producer.more_topics) {
        if (other == topic) break;
        at += turn.configuration.topic(other).partitions;
    }
    return static_cast<std::size_t>(at);
}

PartitionQueue& queue_of(Producer& self, PartitionIndex partition, const Turn& turn) {
    const PartitionConfiguration& asked = turn.configuration.partition(partition);
    return self.queues[first_queue_of(self, asked.topic, turn) + static_cast<std::size_t>(asked.number)];
}

const MetadataView::PartitionView& leader_view(const Producer& self, PartitionIndex partition) {
    return self.metadata.partitions[static_cast<std::size_t>(partition.value)];
}

} // namespace parts

Producer make_producer(const Configuration& configuration, ProducerIndex index) {
    const ProducerConfiguration& configured = configuration.producer(index);
    const TopicConfiguration& topic = configuration.topic(configured.topic);
    Producer self;
    self.index = index;
    self.nodes.resize(configuration.brokers.size());
    self.metadata.partitions.resize(configuration.partitions.size());
    self.own = topic.partitions;
    self.partitions = 0;
    while (self.partitions < self.own &&
           !configuration.partition(next(topic.partition_first, self.partitions)).created_later)
        ++self.partitions;
    const auto add_queue = [&](PartitionIndex partition) {
        PartitionQueue queue;
        queue.partition = partition;
        queue.stream = next(configured.stream_first, static_cast<std::int32_t>(self.queues.size()));
        self.queues.push_back(queue);
    };
    for (std::int32_t i = 0; i < topic.partitions; ++i)
        add_queue(next(topic.partition_first, i));
    for (const TopicIndex index_of_other : configured.more_topics) {
        const TopicConfiguration& other = configuration.topic(index_of_other);
        for (std::int32_t i = 0; i < other.partitions; ++i)
            add_queue(next(other.partition_first, i));
    }
    return self;
}

void start(Producer& self, Turn& turn) {
    const LoadState load = self.load; // what the application keeps outside its process
    const Sending thread = self.sending;
    std::vector<Value> values;
    for (const PartitionQueue& queue : self.queues)
        values.push_back(queue.next_value);
    self = make_producer(turn.configuration, self.index);
    self.load = load;
    self.sending.life = thread.life;
    self.sending.halted = thread.halted;
    self.sending.again = thread.again;
    self.sending.next_dead_letter = thread.next_dead_letter;
    self.sending.free_since = turn.now;
    self.clock = fresh_view(turn);
    for (std::size_t i = 0; i < values.size(); ++i)
        self.queues[i].next_value = values[i];
    const std::uint64_t draw =
        turn.draw(Purpose::sticky_partition, static_cast<std::uint64_t>(self.index.value));
    self.next_node = static_cast<std::int32_t>(sim::below(draw, self.nodes.size()));
    parts::pump(self, turn);
}

void on(Producer& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    const BrokerSlot slot = node_of(self, connection);
    if (slot == no_slot) {
        turn.release(mail);
        return turn.ignore("an answer on a connection that is no longer in use");
    }
    if (const auto* m = std::get_if<ProduceResponse>(&mail)) {
        parts::on_produce_response(self, slot, *m, turn);
    } else if (const auto* metadata = std::get_if<MetadataResponse>(&mail)) {
        parts::on_metadata(self, *metadata, turn);
    } else if (parts::on_transaction_mail(self, mail, turn)) {
        // an answer of a coordinator
    } else if (const auto* init = std::get_if<InitProducerIdResponse>(&mail)) {
        if (init->error == ErrorCode::cluster_authorization_failed) {
            self.fatal = true;
        } else if (init->correlation == self.init_correlation && self.producer_id == no_producer_id) {
            self.producer_id = init->producer_id;
            self.producer_epoch = init->producer_epoch;
        }
        self.init_asked = no_slot;
        self.init_deadline = sim::SimTime::never();
    } else {
        turn.release(mail);
        turn.ignore("a producer expects no such answer");
    }
    parts::pump(self, turn);
}

void on(Producer& self, const Connected& event, Turn& turn) {
    const BrokerSlot slot = node_of(self, event.connection);
    if (slot == no_slot) return turn.close(event.connection, sim::Side::client);
    mark_ready(self.nodes[static_cast<std::size_t>(slot.value)].link);
    parts::pump(self, turn);
}

void on(Producer& self, const Refused& event, Turn& turn) { lost(self, event.connection, turn); }
void on(Producer& self, const Disconnected& event, Turn& turn) { lost(self, event.connection, turn); }
void on(Producer& self, const Writable&, Turn& turn) { parts::pump(self, turn); }

void on(Producer& self, const Timer& timer, Turn& turn) {
    if (timer.round != self.wake_round) return turn.ignore("stale wake-up");
    self.wake_at = sim::SimTime::never();
    parts::pump(self, turn);
}

bool is_done(const Producer& self, const Configuration& configuration) {
    if (self.sending.ended) return true;
    if (!self.sending.halted && !parts::is_between_transactions(self)) {
        if (configuration.producer(self.index).transactional_id != no_transactional_id) return false;
    }
    return parts::load_is_over(self, configuration) && self.undecided == 0 && self.sending.again.empty();
}

} // namespace kafka
