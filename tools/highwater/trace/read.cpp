#include "tools/highwater/trace/read.hpp"

#include "tools/highwater/trace/words.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace highwater {

namespace {

using namespace kafka;
using Json = nlohmann::json;

constexpr std::size_t longest_line = 64U << 10;
constexpr std::size_t most_problems = 100;

/// "shop/2:17-20" taken apart; the producer's name may hold anything.
struct Records {
    std::string producer;
    std::int32_t partition = -1; // -1: the topic has one
    std::int64_t first = 0, last = 0;
};

bool to_number(std::string_view text, std::int64_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty() && value >= 0;
}

bool take_apart(const std::string& text, Records& records) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return false;
    const std::string span = text.substr(colon + 1);
    const std::size_t dash = span.find('-');
    if (!to_number(span.substr(0, dash), records.first)) return false;
    records.last = records.first;
    if (dash != std::string::npos && !to_number(span.substr(dash + 1), records.last)) return false;
    if (records.last < records.first || records.last - records.first >= 2147483647) return false;
    records.producer = text.substr(0, colon);
    const std::size_t slash = records.producer.rfind('/');
    std::int64_t number = 0;
    if (slash != std::string::npos && to_number(records.producer.substr(slash + 1), number) &&
        number < 100000) {
        records.partition = static_cast<std::int32_t>(number);
        records.producer.resize(slash);
    }
    return true;
}

/// Names in order of appearance, with their places.
struct Names {
    std::map<std::string, std::int32_t> places;
    std::vector<std::string> list;
    std::int32_t place(const std::string& name) {
        const auto [at, fresh] = places.emplace(name, static_cast<std::int32_t>(list.size()));
        if (fresh) list.push_back(name);
        return at->second;
    }
};

/// First pass: who and what the trace speaks of.
struct Census {
    std::set<std::int64_t> brokers;
    Names partitions, producers, consumers, faults;
    std::map<std::pair<std::string, std::int32_t>, std::int32_t> streams;

    void process(const std::string& text) {
        std::int64_t id = 0;
        if (text.rfind("broker ", 0) == 0 && to_number(text.substr(7), id)) brokers.insert(id);
        if (text.rfind("producer ", 0) == 0) producers.place(text.substr(9));
        if (text.rfind("consumer ", 0) == 0) consumers.place(text.substr(9));
    }
    void member(const std::string& key, const Json& value) {
        if (value.is_array())
            for (const Json& id : value)
                if (id.is_number_integer()) brokers.insert(id.get<std::int64_t>());
        const bool names_broker = key == "broker" || key == "leader" || key == "follower" || key == "from";
        if (value.is_number_integer() && names_broker && key != "from")
            brokers.insert(value.get<std::int64_t>());
        if (!value.is_string()) return;
        const std::string text = value.get<std::string>();
        Records records;
        if (key == "partition") partitions.place(text);
        if (key == "producer") producers.place(text);
        if (key == "consumer") consumers.place(text);
        if (key == "fault") faults.place(text);
        if (key == "target") process(text);
        if ((key == "records" || key == "from") && take_apart(text, records)) {
            producers.place(records.producer);
            streams.emplace(std::pair{records.producer, records.partition}, 0);
        }
    }
    void line(const Json& object) {
        const bool delivered = object.value("fact", Json()) == "Delivered";
        for (const auto& item : object.items())
            member(item.key(), item.value());
        if (delivered && object.contains("from") && object["from"].is_number_integer())
            brokers.insert(object["from"].get<std::int64_t>());
    }
    Configuration configuration() {
        Configuration names;
        for (const std::int64_t id : brokers) {
            BrokerConfiguration broker;
            broker.id = BrokerId{static_cast<std::int32_t>(id)};
            names.brokers.push_back(broker);
        }
        for (const std::string& partition : partitions.list) {
            names.partitions.push_back({});
            names.partitions.back().name = partition;
        }
        TopicConfiguration one;
        names.topics.push_back(one);
        one.partitions = 2;
        names.topics.push_back(one); // of producers whose records name a partition
        for (const std::string& producer : producers.list) {
            names.producers.push_back({});
            names.producers.back().name = producer;
        }
        for (auto& [stream, place] : streams) { // each stream has a partition without a name
            place = static_cast<std::int32_t>(names.streams.size());
            const ProducerIndex producer{producers.place(stream.first)};
            names.streams.push_back(
                {producer, PartitionIndex{static_cast<std::int32_t>(names.partitions.size())}});
            names.partitions.push_back({});
            names.partitions.back().number = stream.second;
            if (stream.second >= 0)
                names.producers[static_cast<std::size_t>(producer.value)].topic = TopicIndex{1};
        }
        for (const std::string& consumer : consumers.list) {
            names.consumers.push_back({});
            names.consumers.back().name = consumer;
        }
        for (const std::string& fault : faults.list) {
            names.faults.push_back({});
            names.faults.back().name = fault;
        }
        return names;
    }
};

/// Second pass: one object to one fact. A member that is missing or wrong is a problem, and the fact is
/// dropped.
struct FactReader {
    const Json& object;
    Census& census;
    ReadTrace& trace;
    int line;
    bool fine = true;

    void wrong(const std::string& key, const std::string& expected) {
        fine = false;
        if (trace.problems.size() < most_problems)
            trace.problems.push_back({line, "/" + key, "expected " + expected});
    }
    const Json* get(const char* key) const {
        const auto found = object.find(key);
        return found == object.end() ? nullptr : &*found;
    }
    template <class Number> Number number(const char* key) {
        const Json* value = get(key);
        constexpr auto least = static_cast<std::int64_t>(std::numeric_limits<Number>::min());
        constexpr auto most = static_cast<std::int64_t>(std::numeric_limits<Number>::max());
        const bool whole =
            value != nullptr && value->is_number_integer() &&
            !(value->is_number_unsigned() && value->get<std::uint64_t>() > 9223372036854775807ULL);
        if (whole && value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most)
            return static_cast<Number>(value->get<std::int64_t>());
        wrong(key, "a whole number");
        return {};
    }
    Offset offset(const char* key) { return Offset{number<std::int64_t>(key)}; }
    Epoch epoch(const char* key) { return Epoch{number<std::int32_t>(key)}; }
    std::string text(const char* key) {
        const Json* value = get(key);
        if (value != nullptr && value->is_string()) return value->get<std::string>();
        wrong(key, "text");
        return "";
    }
    bool flag(const char* key) {
        const Json* value = get(key);
        if (value != nullptr && value->is_boolean()) return value->get<bool>();
        wrong(key, "true or false");
        return false;
    }
    BrokerSlot slot_of(std::int64_t id) const {
        const auto at = census.brokers.find(id);
        return at == census.brokers.end()
                   ? no_slot
                   : BrokerSlot{static_cast<std::int32_t>(std::distance(census.brokers.begin(), at))};
    }
    BrokerSlot broker(const char* key) {
        const Json* value = get(key);
        if (value != nullptr && value->is_null()) return no_slot;
        if (value != nullptr && value->is_number_integer()) return slot_of(value->get<std::int64_t>());
        wrong(key, "a broker id or null");
        return no_slot;
    }
    BrokerSet set(const char* key) {
        BrokerSet all;
        const Json* value = get(key);
        if (value == nullptr || !value->is_array()) {
            wrong(key, "a list of broker ids");
            return all;
        }
        std::int64_t last = -1;
        for (const Json& id : *value) {
            const bool ascends = id.is_number_integer() && id.get<std::int64_t>() > last;
            if (!ascends) {
                wrong(key, "broker ids in ascending order");
                return all;
            }
            last = id.get<std::int64_t>();
            all.add(slot_of(last));
        }
        return all;
    }
    template <class Enum, std::size_t N> Enum word(const char* key, const std::array<const char*, N>& all) {
        const std::string given = text(key);
        for (std::size_t i = 0; i < N; ++i)
            if (given == all[i]) return static_cast<Enum>(i);
        if (fine) wrong(key, "a word of this version, got \"" + given + "\"");
        return {};
    }
    ErrorCode error() {
        const std::string given = text("error");
        for (int code = -1; code < 128; ++code)
            if (!kafka::name(static_cast<ErrorCode>(code)).empty() &&
                kafka::name(static_cast<ErrorCode>(code)) == given)
                return static_cast<ErrorCode>(code);
        if (fine) wrong("error", "an error of Kafka's, got \"" + given + "\"");
        return {};
    }
    PartitionIndex partition() { return PartitionIndex{census.partitions.place(text("partition"))}; }
    ProducerIndex producer() { return ProducerIndex{census.producers.place(text("producer"))}; }
    ConsumerIndex consumer() { return ConsumerIndex{census.consumers.place(text("consumer"))}; }
    std::int32_t fault() { return census.faults.place(text("fault")); }
    template <class F> void records(F& fact, const char* key = "records") {
        Records read;
        if (!take_apart(text(key), read)) return wrong(key, "records such as \"shop:17-20\"");
        fact.stream = StreamIndex{census.streams.at({read.producer, read.partition})};
        fact.first = Value{read.first};
        if constexpr (requires { fact.count; })
            fact.count = static_cast<std::int32_t>(read.last - read.first + 1);
    }
    bool leads() { return text("role") == "leader"; }
    BrokerSlot target() {
        const std::string given = text("target");
        const auto brokers = static_cast<std::int32_t>(census.brokers.size());
        const auto producers = static_cast<std::int32_t>(census.producers.list.size());
        std::int64_t id = 0;
        if (given.empty()) return no_slot;
        if (given == "controller") return BrokerSlot{brokers};
        if (given.rfind("broker ", 0) == 0 && to_number(given.substr(7), id)) return slot_of(id);
        if (given.rfind("producer ", 0) == 0)
            return BrokerSlot{brokers + 1 + census.producers.place(given.substr(9))};
        if (given.rfind("consumer ", 0) == 0)
            return BrokerSlot{brokers + 1 + producers + census.consumers.place(given.substr(9))};
        wrong("target", "a process");
        return no_slot;
    }
    SendFailure failure() {
        const std::string given = text("exception");
        for (int i = 0; i < send_failure_count; ++i)
            if (exception_name(static_cast<SendFailure>(i)) == given) return static_cast<SendFailure>(i);
        if (fine) wrong("exception", "an exception of Kafka's, got \"" + given + "\"");
        return {};
    }

    std::optional<Fact> of_client(const std::string& kind);
    std::optional<Fact> of_replica(const std::string& kind);
    std::optional<Fact> of_role(const std::string& kind);
    std::optional<Fact> of_control(const std::string& kind);
};

std::optional<Fact> FactReader::of_client(const std::string& kind) {
    if (kind == "RecordsSent") {
        fact::RecordsSent f;
        records(f);
        return f;
    }
    if (kind == "ProduceSent") {
        fact::ProduceSent f;
        f.producer = producer();
        f.broker = broker("broker");
        records(f);
        f.attempt = number<std::int32_t>("attempt");
        f.base_sequence = number<std::int32_t>("base_sequence");
        f.producer_epoch = number<std::int16_t>("producer_epoch");
        return f;
    }
    if (kind == "RecordsAcknowledged") {
        fact::RecordsAcknowledged f;
        records(f);
        f.base_offset = offset("base_offset");
        f.created = sim::SimTime{number<std::int64_t>("created_us")};
        return f;
    }
    if (kind == "RecordsFailed") {
        fact::RecordsFailed f;
        records(f);
        f.failure = failure();
        return f;
    }
    if (kind == "ProduceRetried") {
        fact::ProduceRetried f;
        records(f, "from");
        f.error = error();
        return f;
    }
    if (kind == "ProducerEpochBumped")
        return fact::ProducerEpochBumped{producer(), number<std::int16_t>("producer_epoch")};
    if (kind == "ClientMetadataUpdated")
        return fact::ClientMetadataUpdated{producer(), partition(), broker("leader"), epoch("leader_epoch")};
    if (kind == "Delivered") {
        fact::Delivered f;
        f.consumer = consumer();
        f.partition = partition();
        f.base_offset = offset("base_offset");
        records(f);
        f.leader_epoch = epoch("leader_epoch");
        f.from = broker("from");
        return f;
    }
    if (kind == "ConsumerPositioned")
        return fact::ConsumerPositioned{consumer(), partition(), offset("offset"),
                                        word<PositionCause>("cause", words::position_causes)};
    return std::nullopt;
}

std::optional<Fact> FactReader::of_replica(const std::string& kind) {
    const auto stored = [&](auto f) {
        f.broker = broker("broker");
        f.partition = partition();
        f.base_offset = offset("base_offset");
        records(f);
        return f;
    };
    if (kind == "BatchAppended") {
        fact::BatchAppended f = stored(fact::BatchAppended{});
        f.leader_epoch = epoch("leader_epoch");
        f.as_leader = leads();
        return f;
    }
    if (kind == "BatchRemoved") {
        fact::BatchRemoved f = stored(fact::BatchRemoved{});
        f.leader_epoch = epoch("leader_epoch");
        f.cause = word<RemovalCause>("cause", words::removal_causes);
        return f;
    }
    if (kind == "DuplicateDetected") return stored(fact::DuplicateDetected{});
    if (kind == "ProduceAnswered") {
        fact::ProduceAnswered f = stored(fact::ProduceAnswered{});
        f.error = error();
        f.acks = number<std::int8_t>("acks");
        f.in_sync = set("in_sync");
        return f;
    }
    if (kind == "LogTruncated")
        return fact::LogTruncated{broker("broker"),
                                  partition(),
                                  offset("from"),
                                  offset("to"),
                                  word<RemovalCause>("cause", words::removal_causes),
                                  no_epoch};
    if (kind == "HighWatermarkMoved")
        return fact::HighWatermarkMoved{broker("broker"), partition(), offset("high_watermark"),
                                        epoch("leader_epoch"), leads()};
    if (kind == "FetchServed")
        return fact::FetchServed{
            broker("broker"),         partition(), broker("follower"), offset("fetch_offset"), offset("end"),
            offset("high_watermark"), error()};
    return std::nullopt;
}

std::optional<Fact> FactReader::of_role(const std::string& kind) {
    if (kind == "BecameLeader")
        return fact::BecameLeader{broker("broker"),
                                  partition(),
                                  epoch("leader_epoch"),
                                  PartitionEpoch{number<std::int32_t>("partition_epoch")},
                                  set("isr"),
                                  offset("high_watermark"),
                                  offset("log_end_offset")};
    if (kind == "BecameFollower")
        return fact::BecameFollower{broker("broker"),         partition(),
                                    epoch("leader_epoch"),    broker("leader"),
                                    offset("high_watermark"), offset("log_end_offset")};
    if (kind == "IsrProposed")
        return fact::IsrProposed{broker("broker"), partition(), epoch("leader_epoch"), set("isr"),
                                 set("proposed")};
    return std::nullopt;
}

std::optional<Fact> FactReader::of_control(const std::string& kind) {
    if (kind == "PartitionChanged")
        return fact::PartitionChanged{partition(),
                                      broker("leader"),
                                      epoch("leader_epoch"),
                                      PartitionEpoch{number<std::int32_t>("partition_epoch")},
                                      set("isr"),
                                      set("elr"),
                                      set("last_known_elr"),
                                      word<ChangeCause>("cause", words::change_causes),
                                      flag("unclean")};
    if (kind == "BrokerChanged")
        return fact::BrokerChanged{broker("broker"), word<BrokerEvent>("event", words::broker_events),
                                   BrokerEpoch{number<std::int64_t>("broker_epoch")}};
    if (kind == "MetadataApplied") return fact::MetadataApplied{broker("broker"), offset("offset")};
    if (kind == "ConfigChanged") return fact::ConfigChanged{fault()};
    if (kind == "FaultHappened") {
        const std::int32_t place = fault();
        return fact::FaultHappened{place, target(), PartitionIndex{-1}, flag("undone")};
    }
    if (kind == "FaultMissed") return fact::FaultMissed{fault()};
    if (kind == "Ignored") {
        trace.texts.push_back(text("reason"));
        return fact::Ignored{trace.texts.back().c_str()};
    }
    return std::nullopt;
}

void read_line(const Json& object, int line, Census& census, ReadTrace& trace) {
    FactReader reader{object, census, trace, line};
    const std::string kind = reader.text("fact");
    const auto time = sim::SimTime{reader.number<std::int64_t>("time_us")};
    // BrokerChanged has a second "event", its own: JSON keeps the last, so the number is read from the text.
    const auto event = object.contains("step") ? reader.number<std::int64_t>("step") : 0;
    std::optional<Fact> fact = reader.of_client(kind);
    if (!fact) fact = reader.of_replica(kind);
    if (!fact) fact = reader.of_role(kind);
    if (!fact) fact = reader.of_control(kind);
    if (!fact && reader.fine) reader.wrong("fact", "a fact of this version, got \"" + kind + "\"");
    if (fact && reader.fine) trace.entries.push_back({time, static_cast<std::uint64_t>(event), *fact});
}

/// The line as an object; the first "event" under the name "step".
Json parse_line(std::string line) {
    const std::size_t at = line.find("\"event\":");
    if (at != std::string::npos && at < 40) line.replace(at, 8, "\"step\":");
    return Json::parse(line, nullptr, false);
}

} // namespace

ReadTrace read_trace(std::string_view text) {
    ReadTrace trace;
    Census census;
    std::vector<std::pair<int, Json>> lines;
    int number = 0;
    const auto complain = [&](const std::string& message) {
        if (trace.problems.size() < most_problems) trace.problems.push_back({number, "", message});
    };
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t to = std::min(text.find('\n', from), text.size());
        const std::string_view line = text.substr(from, to - from);
        from = to + 1;
        ++number;
        if (line.empty()) continue;
        if (line.size() > longest_line) {
            complain("longer than 64 KiB");
            continue;
        }
        Json object = parse_line(std::string(line));
        if (!object.is_object()) {
            complain("expected a JSON object");
            continue;
        }
        census.line(object);
        if (census.brokers.size() > 64 ||
            (!census.brokers.empty() &&
             (*census.brokers.begin() < 0 || *census.brokers.rbegin() > 2147483647))) {
            complain("expected at most 64 brokers, with ids from 0");
            return trace;
        }
        lines.emplace_back(number, std::move(object));
    }
    trace.names = census.configuration();
    for (const auto& [line, object] : lines)
        read_line(object, line, census, trace);
    return trace;
}

} // namespace highwater
