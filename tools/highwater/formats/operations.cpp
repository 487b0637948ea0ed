#include "tools/highwater/formats/operations.hpp"

#include "tools/highwater/formats/processes.hpp"
#include "tools/highwater/names.hpp"

#include <algorithm>
#include <set>

namespace highwater {

namespace {

using namespace kafka;

/// Records that were handed over together and are not decided: values [first of the map, end).
struct HandedOver {
    std::int64_t end = 0;
    sim::SimTime time;
    std::size_t entry = 0;
};

/// Values [first, first + count) of a stream have the numbers from `number` on in their partition.
struct Numbered {
    std::int64_t first = 0, count = 0, number = 0;
};

struct StreamHistory {
    std::int32_t key = -1;
    std::multimap<std::int64_t, HandedOver> pending;
    std::map<std::int64_t, std::int64_t> sent; // first -> end, of what requests carried
    std::vector<Numbered> numbers;             // ascending
};

/// Reads facts in order.
class HistoryReader {
  public:
    HistoryReader(std::span<const TraceEntry> entries, const Configuration& configuration);
    History read();

  private:
    std::span<const TraceEntry> entries_;
    const Configuration& configuration_;
    History history_;
    std::size_t at_ = 0;
    std::vector<StreamHistory> streams_;
    std::map<std::int32_t, std::int64_t> next_number_; // by key
    std::map<std::int32_t, Operation> polls_;          // by consumer, while its event goes on
    std::map<std::int32_t, std::set<std::int32_t>> assigned_;
    std::set<std::int32_t> newly_assigned_;          // consumers
    std::map<std::int32_t, Operation> transactions_; // by producer
    std::map<std::int32_t, std::int32_t> process_of_consumer_;
    std::int32_t next_process_ = 0;
    std::vector<std::int32_t> producer_of_; // by operation; -1 for those of consumers

    sim::SimTime now() const { return entries_[std::min(at_, entries_.size() - 1)].time; }
    StreamHistory& stream(StreamIndex index) { return streams_[static_cast<std::size_t>(index.value)]; }
    ProducerIndex producer_of(StreamIndex index) const { return configuration_.stream(index).producer; }
    std::int64_t number_of(StreamIndex index, std::int64_t value);
    void add(Operation operation, std::int32_t producer);
    std::vector<SentRecord> take(StreamIndex index, std::int64_t first, std::int64_t end, Offset base,
                                 Operation& operation, bool& carried);
    void decided(StreamIndex index, Value first, std::int32_t count, Offset base, const std::string& error);
    void end_all(ProducerIndex producer, const std::string& error);
    void end_transaction(std::int32_t producer, const char* type, const std::string& error);
    void end_of_event();
    void handed_over(StreamIndex index, Value first, std::int32_t count);
    void give_processes();
    Operation of_consumer(ConsumerIndex consumer, const char* f);

    void read(const fact::RecordsSent& f);
    void read(const fact::RecordsResent& f) { handed_over(f.stream, f.first, f.count); }
    void read(const fact::ProduceSent& f);
    void read(const fact::RecordsAcknowledged& f) { decided(f.stream, f.first, f.count, f.base_offset, ""); }
    void read(const fact::RecordsFailed& f);
    void read(const fact::ProducerEnded& f);
    void read(const fact::Delivered& f);
    void read(const fact::ConsumerPositioned& f);
    void read(const fact::PartitionAssigned& f);
    void read(const fact::PartitionRevoked& f);
    void read(const fact::ApplicationCrashed& f);
    void read(const fact::TransactionBegun& f);
    void read(const fact::TransactionEnded& f);
    template <class F> void read(const F&) {}
};

/// A written trace tells the partition of a stream only where both stand in one fact.
HistoryReader::HistoryReader(std::span<const TraceEntry> entries, const Configuration& configuration)
    : entries_(entries), configuration_(configuration), streams_(configuration.streams.size()) {
    for (std::size_t i = 0; i < streams_.size(); ++i)
        streams_[i].key = configuration.streams[i].partition.value;
    for (const TraceEntry& entry : entries)
        std::visit(
            [this](const auto& f) {
                if constexpr (requires { f.stream, f.partition, f.broker; })
                    if (f.stream != no_stream) stream(f.stream).key = f.partition.value;
            },
            entry.fact);
    next_process_ = static_cast<std::int32_t>(configuration.consumers.size());
    for (std::int32_t c = 0; c < next_process_; ++c)
        process_of_consumer_[c] = c;
}

std::int64_t HistoryReader::number_of(StreamIndex index, std::int64_t value) {
    const std::vector<Numbered>& numbers = stream(index).numbers;
    auto at = std::upper_bound(numbers.begin(), numbers.end(), value,
                               [](std::int64_t v, const Numbered& one) { return v < one.first; });
    if (at == numbers.begin()) return -1;
    --at;
    return value < at->first + at->count ? at->number + value - at->first : -1;
}

void HistoryReader::add(Operation operation, std::int32_t producer) {
    history_.operations.push_back(std::move(operation));
    producer_of_.push_back(producer);
}

void HistoryReader::handed_over(StreamIndex index, Value first, std::int32_t count) {
    stream(index).pending.emplace(first.value, HandedOver{first.value + count, now(), at_});
}

void HistoryReader::read(const fact::RecordsSent& f) {
    StreamHistory& of = stream(f.stream);
    std::int64_t& number = next_number_[of.key];
    of.numbers.push_back({f.first.value, f.count, number});
    number += f.count;
    handed_over(f.stream, f.first, f.count);
}

void HistoryReader::read(const fact::ProduceSent& f) {
    if (f.stream != no_stream) stream(f.stream).sent[f.first.value] = f.first.value + f.count;
}

/// Takes what was handed over of [first, end) out of the pending, as records of `operation`.
std::vector<SentRecord> HistoryReader::take(StreamIndex index, std::int64_t first, std::int64_t end,
                                            Offset base, Operation& operation, bool& carried) {
    StreamHistory& of = stream(index);
    std::vector<SentRecord> records;
    auto at = of.pending.upper_bound(first);
    if (at != of.pending.begin() && std::prev(at)->second.end > first) --at;
    while (at != of.pending.end() && at->first < end) {
        const std::int64_t piece_first = at->first;
        const HandedOver piece = at->second;
        at = of.pending.erase(at);
        if (records.empty() && operation.sends.empty()) {
            operation.invoked = piece.time;
            operation.entry_invoked = piece.entry;
        }
        if (piece_first < first) of.pending.emplace(piece_first, HandedOver{first, piece.time, piece.entry});
        if (piece.end > end) of.pending.emplace(end, piece);
        for (std::int64_t v = std::max(first, piece_first); v < std::min(end, piece.end); ++v)
            records.push_back({of.key, number_of(index, v), base.value < 0 ? -1 : base.value + v - first});
    }
    auto sent = of.sent.upper_bound(first);
    if (sent != of.sent.begin() && std::prev(sent)->second > first) --sent;
    while (sent != of.sent.end() && sent->first < end) {
        carried = true;
        sent = of.sent.erase(sent);
    }
    return records;
}

void HistoryReader::decided(StreamIndex index, Value first, std::int32_t count, Offset base,
                            const std::string& error) {
    if (index == no_stream) return;
    Operation operation;
    operation.f = "send";
    bool carried = false;
    operation.sends = take(index, first.value, first.value + count, base, operation, carried);
    if (operation.sends.empty()) return;
    const std::int32_t producer = producer_of(index).value;
    const auto transaction = transactions_.find(producer);
    if (transaction != transactions_.end()) {
        std::vector<SentRecord>& all = transaction->second.sends;
        all.insert(all.end(), operation.sends.begin(), operation.sends.end());
        return;
    }
    operation.type = error.empty() ? "ok" : carried ? "info" : "fail";
    operation.error = error;
    operation.completed = now();
    operation.entry_completed = at_;
    add(std::move(operation), producer);
}

void HistoryReader::read(const fact::RecordsFailed& f) {
    decided(f.stream, f.first, f.count, no_offset, std::string(exception_name(f.failure)));
}

/// What the producer still had to hear of: nobody will ever know.
void HistoryReader::end_all(ProducerIndex producer, const std::string& error) {
    for (std::size_t s = 0; s < streams_.size(); ++s) {
        const StreamIndex index{static_cast<std::int32_t>(s)};
        if (producer_of(index) != producer) continue;
        while (!streams_[s].pending.empty()) {
            const std::int64_t first = streams_[s].pending.begin()->first;
            const std::int64_t end = streams_[s].pending.begin()->second.end;
            decided(index, Value{first}, static_cast<std::int32_t>(end - first), no_offset, error);
        }
    }
}

void HistoryReader::read(const fact::ProducerEnded& f) {
    const char* error = f.end == ProducerEnd::crashed ? "the producer crashed" : "the producer ended";
    end_all(f.producer, error);
    end_transaction(f.producer.value, "info", error);
}

void HistoryReader::end_transaction(std::int32_t producer, const char* type, const std::string& error) {
    const auto at = transactions_.find(producer);
    if (at == transactions_.end()) return;
    Operation operation = std::move(at->second);
    transactions_.erase(at);
    if (operation.sends.empty()) return;
    operation.type = type;
    operation.error = error;
    operation.completed = now();
    operation.entry_completed = at_;
    add(std::move(operation), producer);
}

Operation HistoryReader::of_consumer(ConsumerIndex consumer, const char* f) {
    Operation operation;
    operation.f = f;
    operation.type = "ok";
    operation.process = process_of_consumer_[consumer.value];
    operation.invoked = operation.completed = now();
    operation.entry_invoked = operation.entry_completed = at_;
    return operation;
}

void HistoryReader::read(const fact::Delivered& f) {
    if (f.stream == no_stream) return;
    auto poll = polls_.find(f.consumer.value);
    if (poll == polls_.end()) poll = polls_.emplace(f.consumer.value, of_consumer(f.consumer, "poll")).first;
    poll->second.entry_invoked = poll->second.entry_completed = at_;
    for (std::int32_t i = 0; i < f.count; ++i)
        poll->second.polled.push_back(
            {f.partition.value, f.base_offset.value + i, number_of(f.stream, f.first.value + i)});
}

void HistoryReader::read(const fact::ConsumerPositioned& f) {
    const bool is_new = assigned_[f.consumer.value].insert(f.partition.value).second;
    const bool jumps = f.cause != PositionCause::start && f.cause != PositionCause::committed;
    if (is_new || jumps) newly_assigned_.insert(f.consumer.value);
}

void HistoryReader::read(const fact::PartitionAssigned& f) {
    assigned_[f.consumer.value].insert(f.partition.value);
    newly_assigned_.insert(f.consumer.value);
}

void HistoryReader::read(const fact::PartitionRevoked& f) {
    assigned_[f.consumer.value].erase(f.partition.value);
    newly_assigned_.insert(f.consumer.value);
}

void HistoryReader::read(const fact::ApplicationCrashed& f) {
    if (f.consumer.value < 0) return; // of a producer, ProducerEnded tells it
    Operation operation = of_consumer(f.consumer, "crash");
    operation.type = "info";
    add(std::move(operation), -1);
    assigned_[f.consumer.value].clear();
    newly_assigned_.erase(f.consumer.value);
    process_of_consumer_[f.consumer.value] = next_process_++;
}

void HistoryReader::read(const fact::TransactionBegun& f) {
    Operation operation;
    operation.f = "txn";
    operation.invoked = now();
    operation.entry_invoked = at_;
    transactions_[f.producer.value] = std::move(operation);
}

void HistoryReader::read(const fact::TransactionEnded& f) {
    end_all(f.producer, "the transaction ended");
    const bool is_known = f.error == ErrorCode::none;
    const char* type = !is_known ? "info" : f.commit ? "ok" : "fail";
    const std::string why = !is_known ? std::string(kafka::name(f.error)) : f.commit ? "" : "aborted";
    end_transaction(f.producer.value, type, why);
}

/// Assignments first: what a call returned is of the partitions that it had then.
void HistoryReader::end_of_event() {
    for (const std::int32_t consumer : newly_assigned_) {
        Operation operation = of_consumer(ConsumerIndex{consumer}, "assign");
        const std::set<std::int32_t>& keys = assigned_[consumer];
        operation.keys.assign(keys.begin(), keys.end());
        operation.entry_invoked = operation.entry_completed = at_ - 1;
        operation.invoked = operation.completed = entries_[at_ - 1].time;
        const auto poll = polls_.find(consumer);
        if (poll != polls_.end())
            operation.entry_invoked = operation.entry_completed = poll->second.entry_invoked;
        add(std::move(operation), -1);
    }
    newly_assigned_.clear();
    for (auto& [consumer, poll] : polls_)
        add(std::move(poll), -1);
    polls_.clear();
}

/// The least process of the producer that is idle when the operation begins.
void HistoryReader::give_processes() {
    std::vector<std::size_t> order(history_.operations.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return history_.operations[left].entry_invoked < history_.operations[right].entry_invoked;
    });
    std::map<std::int32_t, std::map<std::int32_t, std::size_t>> lanes; // producer -> process -> busy until
    for (const std::size_t i : order) {
        Operation& operation = history_.operations[i];
        const std::int32_t producer = producer_of_[i];
        if (producer < 0) continue;
        std::map<std::int32_t, std::size_t>& own = lanes[producer];
        auto lane = std::find_if(own.begin(), own.end(),
                                 [&](const auto& one) { return one.second < operation.entry_invoked; });
        if (lane == own.end()) lane = own.emplace(next_process_++, 0).first;
        operation.process = lane->first;
        lane->second = operation.entry_completed;
        history_.processes[lane->first] = "producer " + configuration_.producer(ProducerIndex{producer}).name;
        if (std::string(operation.type) == "info") own.erase(lane);
    }
    for (const Operation& operation : history_.operations) {
        for (const SentRecord& record : operation.sends)
            history_.keys[record.key];
        for (const PolledRecord& record : operation.polled)
            history_.keys[record.key];
        for (const std::int32_t key : operation.keys)
            history_.keys[key];
    }
    for (auto& [key, name] : history_.keys)
        name = configuration_.partition(PartitionIndex{key}).name;
}

History HistoryReader::read() {
    if (entries_.empty()) return {};
    for (; at_ < entries_.size(); ++at_) {
        if (at_ > 0 && entries_[at_].event != entries_[at_ - 1].event) end_of_event();
        std::visit([this](const auto& f) { read(f); }, entries_[at_].fact);
        if (const auto* of = std::get_if<fact::Delivered>(&entries_[at_].fact))
            history_.processes[process_of_consumer_[of->consumer.value]] =
                "consumer " + configuration_.consumer(of->consumer).name;
    }
    end_of_event();
    for (std::size_t p = 0; p < configuration_.producers.size(); ++p)
        end_all(ProducerIndex{static_cast<std::int32_t>(p)}, "no answer before the end");
    while (!transactions_.empty())
        end_transaction(transactions_.begin()->first, "info", "no answer before the end");
    give_processes();
    return std::move(history_);
}

} // namespace

History history_of(std::span<const TraceEntry> entries, const Configuration& configuration) {
    return HistoryReader(entries, configuration).read();
}

} // namespace highwater
