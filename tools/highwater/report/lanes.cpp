#include "tools/highwater/report/points.hpp"
#include "tools/highwater/report/report.hpp"

#include "tools/highwater/names.hpp"
#include "tools/highwater/trace/words.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

using namespace kafka;

/// All replicas' offsets together get so many points; a page of a few megabytes opens at once.
constexpr std::size_t most_offset_points = 300000;

/// One replica over time.
struct ReplicaLane {
    Json roles = Json::array(); // [time, role, epoch]
    Json cuts = Json::array();  // [time, from, to, cause]
    std::vector<Point> log_end, high_watermark;
};

void add_point(std::vector<Point>& points, sim::SimTime time, Offset offset) {
    if (!points.empty() && points.back().time == time.micros)
        points.back().value = offset.value;
    else if (points.empty() || points.back().value != offset.value)
        points.push_back({time.micros, offset.value});
}

bool ends_process(BrokerEvent event) {
    return event == BrokerEvent::crashed || event == BrokerEvent::stopped || event == BrokerEvent::power_lost;
}

/// Everything that is drawn of partitions, gathered in one pass.
struct Lanes {
    const Configuration& configuration;
    std::vector<std::vector<ReplicaLane>> replicas; // by partition, by broker
    std::vector<Json> decided;                      // by partition

    explicit Lanes(const Configuration& of) : configuration(of) {
        replicas.assign(of.partitions.size(), std::vector<ReplicaLane>(of.brokers.size()));
        decided.assign(of.partitions.size(), Json::array());
    }
    ReplicaLane& lane(PartitionIndex partition, BrokerSlot broker) {
        return replicas[static_cast<std::size_t>(partition.value)][static_cast<std::size_t>(broker.value)];
    }
    void role(sim::SimTime time, PartitionIndex partition, BrokerSlot broker, const char* word, Epoch epoch) {
        lane(partition, broker).roles.push_back({time.micros, word, epoch.value});
    }
    void add(sim::SimTime time, const fact::BecameLeader& f) {
        role(time, f.partition, f.broker, "leader", f.leader_epoch);
        offsets(time, f.partition, f.broker, f.log_end_offset, f.high_watermark);
    }
    void add(sim::SimTime time, const fact::BecameFollower& f) {
        role(time, f.partition, f.broker, "follower", f.leader_epoch);
        offsets(time, f.partition, f.broker, f.log_end_offset, f.high_watermark);
    }
    void offsets(sim::SimTime time, PartitionIndex partition, BrokerSlot broker, Offset end, Offset mark) {
        add_point(lane(partition, broker).log_end, time, end);
        add_point(lane(partition, broker).high_watermark, time, mark);
    }
    void add(sim::SimTime time, const fact::BatchAppended& f) {
        add_point(lane(f.partition, f.broker).log_end, time, next(f.base_offset, f.count));
    }
    void add(sim::SimTime time, const fact::LogTruncated& f) {
        ReplicaLane& at = lane(f.partition, f.broker);
        add_point(at.log_end, time, f.to);
        at.cuts.push_back({time.micros, f.from.value, f.to.value,
                           words::removal_causes[static_cast<std::size_t>(f.cause)]});
    }
    void add(sim::SimTime time, const fact::HighWatermarkMoved& f) {
        add_point(lane(f.partition, f.broker).high_watermark, time, f.high_watermark);
    }
    void add(sim::SimTime time, const fact::PartitionChanged& f) {
        decided[static_cast<std::size_t>(f.partition.value)].push_back(
            {time.micros, f.leader == no_slot ? Json(nullptr) : Json(broker_id(configuration, f.leader)),
             f.leader_epoch.value, broker_ids(configuration, f.isr),
             words::change_causes[static_cast<std::size_t>(f.cause)], f.unclean});
    }
    void add(sim::SimTime time, const fact::BrokerChanged& f) {
        if (!ends_process(f.event)) return;
        for (std::size_t p = 0; p < replicas.size(); ++p) {
            ReplicaLane& at = replicas[p][static_cast<std::size_t>(f.broker.value)];
            if (!at.roles.empty()) at.roles.push_back({time.micros, "down", at.roles.back()[2]});
        }
    }
    template <class F> void add(sim::SimTime, const F&) {}
};

Json lane_json(const ReplicaLane& lane, int broker, std::size_t most, bool& thinner) {
    thinner = thinner || lane.log_end.size() > most || lane.high_watermark.size() > most;
    return {{"broker", broker},
            {"roles", lane.roles},
            {"cuts", lane.cuts},
            {"log_end", flat(thinned(lane.log_end, most))},
            {"high_watermark", flat(thinned(lane.high_watermark, most))}};
}

/// When the process of a fault on a broker came back; -1 = never.
std::int64_t back_again(std::span<const TraceEntry> entries, BrokerSlot broker, sim::SimTime after) {
    for (const TraceEntry& entry : entries) {
        const auto* change = std::get_if<fact::BrokerChanged>(&entry.fact);
        const bool returns = change != nullptr && change->broker == broker &&
                             (change->event == BrokerEvent::started || change->event == BrokerEvent::resumed);
        if (returns && entry.time > after) return entry.time.micros;
    }
    return -1;
}

bool takes_process_away(FaultKind kind) {
    return kind == FaultKind::crash || kind == FaultKind::stop || kind == FaultKind::power_loss ||
           kind == FaultKind::pause;
}

} // namespace

Json partition_lanes(const Outcome& outcome, std::span<const TraceEntry> entries,
                     std::vector<std::string>& notices) {
    const Configuration& configuration = *outcome.configuration;
    Lanes lanes(configuration);
    for (const TraceEntry& entry : entries)
        std::visit([&](const auto& f) { lanes.add(entry.time, f); }, entry.fact);
    std::size_t series = 0;
    for (const PartitionConfiguration& partition : configuration.partitions)
        series += 2 * every_replica(partition).size();
    const std::size_t most =
        std::max<std::size_t>(400, most_offset_points / std::max<std::size_t>(1, series));
    bool thinner = false;
    Json all = Json::array();
    for (std::size_t p = 0; p < configuration.partitions.size(); ++p) {
        const PartitionIndex index{static_cast<std::int32_t>(p)};
        Json replicas = Json::array();
        for (const BrokerSlot slot : every_replica(configuration.partitions[p]))
            replicas.push_back(
                lane_json(lanes.lane(index, slot), broker_id(configuration, slot), most, thinner));
        all.push_back({{"name", configuration.partitions[p].name},
                       {"internal", configuration.is_internal(index)},
                       {"decided", lanes.decided[p]},
                       {"replicas", replicas}});
    }
    if (thinner)
        notices.push_back(fmt::format("Offsets of replicas are thinned to about {} points each; of each "
                                      "stretch of time first, least, greatest and last are kept.",
                                      most));
    return all;
}

Json broker_lives(const Configuration& configuration, std::span<const TraceEntry> entries) {
    std::vector<Json> states(configuration.brokers.size(), Json::array());
    for (Json& one : states)
        one.push_back({0, "up"});
    for (const TraceEntry& entry : entries) {
        const auto* change = std::get_if<fact::BrokerChanged>(&entry.fact);
        if (change == nullptr) continue;
        const char* state = nullptr;
        if (ends_process(change->event)) state = "down";
        if (change->event == BrokerEvent::paused) state = "paused";
        if (change->event == BrokerEvent::resumed) state = "up";
        if (change->event == BrokerEvent::started) state = "starting";
        if (change->event == BrokerEvent::unfenced) state = "up";
        if (state == nullptr) continue;
        Json& own = states[static_cast<std::size_t>(change->broker.value)];
        if (own.back()[1] != state) own.push_back({entry.time.micros, state});
    }
    Json lives = Json::array();
    for (std::size_t b = 0; b < states.size(); ++b)
        lives.push_back({{"broker", configuration.brokers[b].id.value}, {"states", states[b]}});
    return lives;
}

namespace {

/// Open spans by fault, and by the process of a rolling restart (-1 = the whole of it).
using OpenSpans = std::map<std::pair<std::int32_t, std::int32_t>, std::size_t>;

void close_span(std::vector<Json>& spans, const OpenSpans& open, std::pair<std::int32_t, std::int32_t> which,
                sim::SimTime time) {
    const auto at = open.find(which);
    if (at != open.end()) spans[at->second]["to_us"] = time.micros;
}

/// A step of a rolling restart is a span of its own; what takes its time ends when it is over.
void add_step(std::vector<Json>& spans, OpenSpans& open, sim::SimTime time, const fact::OperationMoved& moved,
              const Configuration& configuration) {
    const Fault& fault = configuration.faults[static_cast<std::size_t>(moved.fault)];
    const std::pair<std::int32_t, std::int32_t> which{moved.fault, moved.target.value};
    if (moved.step == OperationStep::stopping) {
        open[which] = spans.size();
        spans.push_back({{"name", fault.name},
                         {"do", word_of(fault.kind)},
                         {"target", process_name(configuration, moved.target)},
                         {"from_us", time.micros},
                         {"to_us", nullptr}});
    } else if (moved.step != OperationStep::began) {
        close_span(spans, open, which, time); // started at the earliest, and back at the latest
    }
}

} // namespace

Json fault_spans(const Outcome& outcome, std::span<const TraceEntry> entries) {
    const Configuration& configuration = *outcome.configuration;
    std::vector<Json> spans;
    OpenSpans open;
    for (const TraceEntry& entry : entries) {
        if (const auto* moved = std::get_if<fact::OperationMoved>(&entry.fact))
            add_step(spans, open, entry.time, *moved, configuration);
        const auto* happened = std::get_if<fact::FaultHappened>(&entry.fact);
        if (happened == nullptr) continue;
        const Fault& fault = configuration.faults[static_cast<std::size_t>(happened->fault)];
        if (fault.pointer.rfind("/links", 0) == 0) continue; // a slow link is a condition, not a fault
        if (happened->undone) {
            const auto at = open.find({happened->fault, -1});
            if (at != open.end() &&
                spans[at->second]["to_us"].is_null()) // else its process came back by itself
                spans[at->second]["to_us"] = entry.time.micros;
            continue;
        }
        std::string target = process_name(configuration, happened->broker);
        if (target.empty())
            for (const Target& one : fault.targets)
                target += (target.empty() ? "" : " - ") + one.text;
        const bool on_broker =
            happened->broker.value >= 0 &&
            static_cast<std::size_t>(happened->broker.value) < configuration.brokers.size();
        std::int64_t to = -1;
        if (takes_process_away(fault.kind) && on_broker)
            to = back_again(entries, happened->broker, entry.time);
        const bool lasts = fault.lasts_from.has_value() || takes_process_away(fault.kind) ||
                           fault.kind == FaultKind::cut || fault.kind == FaultKind::slow ||
                           fault.kind == FaultKind::roll ||
                           (fault.kind == FaultKind::reassign && !fault.cancel);
        if (!lasts) to = entry.time.micros;
        open[{happened->fault, -1}] = spans.size();
        spans.push_back({{"name", fault.name},
                         {"do", word_of(fault.kind)},
                         {"target", target},
                         {"from_us", entry.time.micros},
                         {"to_us", to < 0 ? Json(nullptr) : Json(to)}});
    }
    return spans;
}

} // namespace highwater
