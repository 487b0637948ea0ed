#include "tools/highwater/report/points.hpp"
#include "tools/highwater/report/report.hpp"

#include "tools/highwater/names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

using namespace kafka;

constexpr std::size_t most_requests = 20000;      // of one producer
constexpr std::size_t most_series_points = 20000; // of one series
constexpr std::size_t most_deliveries = 20000;    // of one consumer

/// How an attempt ended, as numbers in the page.
enum Ending : int { acknowledged = 0, retried = 1, failed = 2, unanswered = 3 };

struct Attempt {
    std::int64_t sent = 0, end = 0;
    int ending = unanswered;
    std::int32_t count = 0;
    StreamIndex stream;
    std::int64_t first = 0;
    int broker = -1;
};

/// Attempts to write, by producer.
struct Attempts {
    std::vector<std::vector<Attempt>> by_producer;
    std::map<std::pair<std::int32_t, std::int64_t>, std::pair<std::size_t, std::size_t>> open;

    void end(sim::SimTime time, StreamIndex stream, Value first, int ending) {
        const auto at = open.find({stream.value, first.value});
        if (at == open.end()) return;
        Attempt& attempt = by_producer[at->second.first][at->second.second];
        attempt.end = time.micros;
        attempt.ending = ending;
        open.erase(at);
    }
};

void add_attempt(Attempts& all, const Configuration& configuration, const TraceEntry& entry) {
    if (const auto* sent = std::get_if<fact::ProduceSent>(&entry.fact)) {
        const auto producer = static_cast<std::size_t>(sent->producer.value);
        all.end(entry.time, sent->stream, sent->first, unanswered);
        all.open[{sent->stream.value, sent->first.value}] = {producer, all.by_producer[producer].size()};
        all.by_producer[producer].push_back({entry.time.micros, -1, unanswered, sent->count, sent->stream,
                                             sent->first.value, broker_id(configuration, sent->broker)});
    } else if (const auto* acked = std::get_if<fact::RecordsAcknowledged>(&entry.fact)) {
        all.end(entry.time, acked->stream, acked->first, acknowledged);
    } else if (const auto* again = std::get_if<fact::ProduceRetried>(&entry.fact)) {
        all.end(entry.time, again->stream, again->first, retried);
    } else if (const auto* bad = std::get_if<fact::RecordsFailed>(&entry.fact)) {
        all.end(entry.time, bad->stream, bad->first, failed);
    }
}

/// Of too many attempts those that went wrong stay, and of the others each n-th.
std::vector<Attempt> fewer(const std::vector<Attempt>& all, std::size_t& dropped) {
    if (all.size() <= most_requests) return all;
    const std::size_t step = all.size() / most_requests + 1;
    std::vector<Attempt> kept;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (i % step == 0 || (all[i].ending != acknowledged && kept.size() < 2 * most_requests))
            kept.push_back(all[i]);
    dropped += all.size() - kept.size();
    return kept;
}

/// Neighbours added up, so that no more than about `most` are left.
std::vector<Point> joined(const std::vector<Point>& points, std::size_t most) {
    const std::size_t step = points.size() / most + 1;
    std::vector<Point> sums;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (i % step == 0)
            sums.push_back(points[i]);
        else
            sums.back().value += points[i].value;
    return sums;
}

/// Of one consumer, or of the members of a group.
struct ReadingLane {
    std::vector<Point> deliveries; // time, records
    Json assigned = Json::array(); // [partition, from, to]
    std::map<std::int32_t, std::int64_t> since;
};

void give_up(ReadingLane& lane, const Configuration& configuration, PartitionIndex partition,
             std::int64_t time) {
    const auto at = lane.since.find(partition.value);
    if (at == lane.since.end()) return;
    lane.assigned.push_back({configuration.partition(partition).name, at->second, time});
    lane.since.erase(at);
}

void add_reading(std::vector<ReadingLane>& lanes, const Configuration& configuration,
                 const TraceEntry& entry) {
    const auto lane = [&](ConsumerIndex consumer) -> ReadingLane& {
        return lanes[static_cast<std::size_t>(consumer.value)];
    };
    if (const auto* delivered = std::get_if<fact::Delivered>(&entry.fact)) {
        std::vector<Point>& points = lane(delivered->consumer).deliveries;
        if (!points.empty() && points.back().time == entry.time.micros)
            points.back().value += delivered->count;
        else
            points.push_back({entry.time.micros, delivered->count});
    } else if (const auto* assigned = std::get_if<fact::PartitionAssigned>(&entry.fact)) {
        lane(assigned->consumer).since.emplace(assigned->partition.value, entry.time.micros);
    } else if (const auto* revoked = std::get_if<fact::PartitionRevoked>(&entry.fact)) {
        give_up(lane(revoked->consumer), configuration, revoked->partition, entry.time.micros);
    } else if (const auto* crashed = std::get_if<fact::ApplicationCrashed>(&entry.fact)) {
        if (crashed->consumer.value < 0) return;
        ReadingLane& of = lane(crashed->consumer);
        while (!of.since.empty())
            give_up(of, configuration, PartitionIndex{of.since.begin()->first}, entry.time.micros);
    }
}

/// How far a reader is behind the high watermark of the leaders, over its partitions.
/// Shape: of a group by its committed offsets, else by the position of the consumer.
struct Lag {
    std::string name;
    std::map<std::int32_t, std::int64_t> reached; // by partition
    std::vector<Point> points;
};

struct LagReader {
    const Configuration& configuration;
    std::vector<std::int64_t> marks;   // by partition: high watermark of its leader
    std::vector<std::size_t> of_entry; // by consumer: place in `lags`
    std::vector<Lag> lags;

    explicit LagReader(const Configuration& of) : configuration(of), marks(of.partitions.size(), 0) {
        for (const ConsumerConfiguration& consumer : of.consumers) {
            const std::string name = consumer.group != no_group ? "group " + of.group(consumer.group).name
                                                                : "consumer " + consumer.name;
            const auto at =
                std::find_if(lags.begin(), lags.end(), [&](const Lag& lag) { return lag.name == name; });
            of_entry.push_back(static_cast<std::size_t>(at - lags.begin()));
            if (at == lags.end()) lags.push_back({name, {}, {}});
            Lag& lag = lags[of_entry.back()];
            for (const TopicIndex topic : consumer.topics)
                for (std::int32_t n = 0; n < of.topic(topic).partitions; ++n)
                    lag.reached.emplace(of.topic(topic).partition_first.value + n, 0);
        }
    }
    void show(Lag& lag, sim::SimTime time) {
        std::int64_t behind = 0;
        for (const auto& [partition, offset] : lag.reached)
            behind += std::max<std::int64_t>(0, marks[static_cast<std::size_t>(partition)] - offset);
        if (!lag.points.empty() && lag.points.back().time == time.micros)
            lag.points.back().value = behind;
        else if (lag.points.empty() || lag.points.back().value != behind)
            lag.points.push_back({time.micros, behind});
    }
    void reach(sim::SimTime time, ConsumerIndex consumer, PartitionIndex partition, std::int64_t offset) {
        Lag& lag = lags[of_entry[static_cast<std::size_t>(consumer.value)]];
        lag.reached[partition.value] = offset;
        show(lag, time);
    }
    void add(const TraceEntry& entry) {
        if (const auto* mark = std::get_if<fact::HighWatermarkMoved>(&entry.fact)) {
            if (!mark->as_leader) return;
            marks[static_cast<std::size_t>(mark->partition.value)] = mark->high_watermark.value;
            for (Lag& lag : lags)
                if (lag.reached.count(mark->partition.value) > 0) show(lag, entry.time);
        } else if (const auto* delivered = std::get_if<fact::Delivered>(&entry.fact)) {
            if (configuration.consumer(delivered->consumer).group == no_group)
                reach(entry.time, delivered->consumer, delivered->partition,
                      delivered->base_offset.value + delivered->count);
        } else if (const auto* committed = std::get_if<fact::OffsetCommitted>(&entry.fact)) {
            if (committed->consumer.value >= 0 && committed->error == ErrorCode::none)
                reach(entry.time, committed->consumer, committed->partition, committed->offset.value);
        }
    }
};

void add_series(Json& all, const std::string& title, const char* unit, const std::vector<Point>& points,
                std::vector<std::string>& notices) {
    if (points.empty()) return;
    if (points.size() > most_series_points)
        notices.push_back(fmt::format("{}: {} points, thinned to about {}; peaks are kept.", title,
                                      count_text(static_cast<std::int64_t>(points.size())),
                                      count_text(most_series_points)));
    all.push_back({{"title", title}, {"unit", unit}, {"points", flat(thinned(points, most_series_points))}});
}

} // namespace

Json producer_lanes(const Configuration& configuration, std::span<const TraceEntry> entries,
                    std::vector<std::string>& notices) {
    Attempts attempts;
    attempts.by_producer.resize(configuration.producers.size());
    for (const TraceEntry& entry : entries)
        add_attempt(attempts, configuration, entry);
    Json all = Json::array();
    for (std::size_t p = 0; p < configuration.producers.size(); ++p) {
        std::size_t dropped = 0;
        Json requests = Json::array(); // [sent, end or -1, ending, records, name, broker]
        for (const Attempt& one : fewer(attempts.by_producer[p], dropped))
            requests.push_back({one.sent, one.end, one.ending, one.count,
                                records_name(configuration, one.stream, one.first, one.first + one.count),
                                one.broker});
        if (dropped > 0)
            notices.push_back(
                fmt::format("producer {}: {} of {} requests are not drawn; those that went wrong "
                            "are.",
                            configuration.producers[p].name, count_text(static_cast<std::int64_t>(dropped)),
                            count_text(static_cast<std::int64_t>(attempts.by_producer[p].size()))));
        all.push_back({{"name", configuration.producers[p].name},
                       {"topic", configuration.topic(configuration.producers[p].topic).name},
                       {"requests", requests}});
    }
    return all;
}

Json consumer_lanes(const Configuration& configuration, std::span<const TraceEntry> entries,
                    std::vector<std::string>& notices) {
    std::vector<ReadingLane> lanes(configuration.consumers.size());
    for (const TraceEntry& entry : entries)
        add_reading(lanes, configuration, entry);
    const std::int64_t end = entries.empty() ? 0 : entries.back().time.micros;
    Json all = Json::array();
    for (std::size_t c = 0; c < lanes.size(); ++c) {
        const ConsumerConfiguration& consumer = configuration.consumers[c];
        while (!lanes[c].since.empty())
            give_up(lanes[c], configuration, PartitionIndex{lanes[c].since.begin()->first}, end);
        if (lanes[c].deliveries.size() > most_deliveries)
            notices.push_back(fmt::format("consumer {}: neighbouring deliveries are added up, to about {}.",
                                          consumer.name, count_text(most_deliveries)));
        all.push_back({{"name", consumer.name},
                       {"group", consumer.group == no_group ? "" : configuration.group(consumer.group).name},
                       {"deliveries", flat(joined(lanes[c].deliveries, most_deliveries))},
                       {"assigned", lanes[c].assigned}});
    }
    return all;
}

Json series_of(const Configuration& configuration, std::span<const TraceEntry> entries,
               std::vector<std::string>& notices) {
    std::vector<std::vector<Point>> latencies(configuration.producers.size());
    LagReader lags(configuration);
    for (const TraceEntry& entry : entries) {
        lags.add(entry);
        const auto* acked = std::get_if<fact::RecordsAcknowledged>(&entry.fact);
        if (acked == nullptr || acked->stream == no_stream) continue;
        const ProducerIndex producer = configuration.stream(acked->stream).producer;
        if (producer != no_producer) // the slowest record of the batch
            latencies[static_cast<std::size_t>(producer.value)].push_back(
                {entry.time.micros, (entry.time - acked->created).micros});
    }
    Json all = Json::array();
    for (std::size_t p = 0; p < latencies.size(); ++p)
        add_series(all, "Acknowledgement latency, producer " + configuration.producers[p].name, "us",
                   latencies[p], notices);
    for (const Lag& lag : lags.lags)
        add_series(all, "Lag, " + lag.name, "records", lag.points, notices);
    return all;
}

} // namespace highwater
