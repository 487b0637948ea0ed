#include "tools/highwater/formats/causes.hpp"
#include "tools/highwater/formats/formats.hpp"
#include "tools/highwater/formats/tracks.hpp"

#include "tools/highwater/names.hpp"
#include "tools/highwater/trace/words.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

using namespace kafka;

// Tracks of a process; partitions take three numbers each from 10 on.
constexpr int life_track = 1;
constexpr int facts_track = 2;
int role_track(PartitionIndex partition) { return 10 + 3 * partition.value; }
int messages_track(PartitionIndex partition) { return 11 + 3 * partition.value; }
constexpr int first_request_track = 100000;
// Processes of the file that are none of the cluster.
constexpr int faults_process = 1;
constexpr int partitions_process = 2;
constexpr int first_process = 10;

std::string ids_text(const Configuration& configuration, BrokerSet set) {
    std::string text;
    for (const int id : broker_ids(configuration, set))
        text += (text.empty() ? "" : ",") + std::to_string(id);
    return text;
}

/// Reads facts in order and draws.
class Drawing {
  public:
    Drawing(const Configuration& configuration, const Extract& extract)
        : configuration_(configuration), extract_(extract), processes_(configuration),
          tracks_(extract.from, extract.until), lives_(configuration.brokers.size(), "up") {}
    void add(const TraceEntry& entry);
    std::string end(sim::SimTime time);

  private:
    /// A request of a producer that waits for its answer.
    struct Request {
        Place place;
        sim::SimTime since;
        std::string name;
    };
    /// Where a fact is drawn; arrows begin and end there.
    struct Drawn {
        Place place;
        std::int64_t time = 0;
    };
    const Configuration& configuration_;
    const Extract& extract_;
    Processes processes_;
    Causes causes_;
    Tracks tracks_;
    std::vector<std::string> lives_;                                    // by broker: up, down, paused
    std::vector<Drawn> drawn_;                                          // by entry; process -1: not drawn
    std::map<std::pair<std::int32_t, std::int64_t>, Request> requests_; // by stream and first value
    std::map<std::int32_t, std::vector<std::int64_t>> busy_until_;      // by process: its request tracks
    std::int64_t arrows_ = 0;

    bool shows(PartitionIndex partition) const {
        return partition.value >= 0 && extract_.has_partition(configuration_.partition(partition).name);
    }
    Place place_of(int process, PartitionIndex partition);
    Place request_place(sim::SimTime time, int process);
    void role(const TraceEntry& entry);
    void life(sim::SimTime time, const fact::BrokerChanged& change);
    void counters(sim::SimTime time, const Fact& fact);
    void requests(sim::SimTime time, const Fact& fact, Drawn& drawn);
    void finish(sim::SimTime time, StreamIndex stream, Value first, const char* how, Drawn& drawn);
    void offsets(sim::SimTime time, BrokerSlot broker, PartitionIndex partition, const char* series,
                 Offset offset);
};

Place Drawing::place_of(int process, PartitionIndex partition) {
    const std::string name = processes_.name(process);
    if (partition.value < 0 || static_cast<std::size_t>(process) >= configuration_.brokers.size())
        return tracks_.place(first_process + process, name, facts_track, "facts");
    return tracks_.place(first_process + process, name, messages_track(partition),
                         configuration_.partition(partition).name + " messages");
}

void Drawing::add(const TraceEntry& entry) {
    const int process = processes_.of(entry.fact);
    const std::vector<Cause>& before = causes_.of(entry.fact);
    const PartitionIndex partition = partition_of(entry.fact);
    Drawn drawn;
    drawn.place.process = -1;
    drawn.time = entry.time.micros;
    role(entry);
    counters(entry.time, entry.fact);
    requests(entry.time, entry.fact, drawn);
    const bool is_fault = std::holds_alternative<fact::FaultHappened>(entry.fact);
    const bool is_shown =
        process >= 0 && !is_fault && (partition.value < 0 ? extract_.partitions.empty() : shows(partition));
    if (is_shown && extract_.has_time(entry.time) && drawn.place.process < 0 &&
        !std::holds_alternative<fact::MetadataApplied>(entry.fact)) {
        const LineText text = line_text(render({&entry, 1}, configuration_));
        drawn.place = place_of(process, partition);
        tracks_.slice(drawn.place, text.fact, "fact", entry.time.micros, 1, {{"fact", text.members}});
    }
    for (const Cause& cause : before) {
        const Drawn& from = drawn_[cause.from];
        if (drawn.place.process < 0 || from.place.process < 0 || from.place.process == drawn.place.process)
            continue;
        tracks_.arrow(++arrows_, word(cause.kind), from.place, from.time, drawn.place, drawn.time);
    }
    drawn_.push_back(drawn);
}

/// The states that are drawn as bars: roles, lives, what the controller decided, faults.
void Drawing::role(const TraceEntry& entry) {
    const sim::SimTime time = entry.time;
    const auto bar = [&](BrokerSlot broker, PartitionIndex partition, const std::string& text) {
        if (!shows(partition)) return;
        tracks_.state(tracks_.place(first_process + broker.value, processes_.name(broker.value),
                                    role_track(partition),
                                    configuration_.partition(partition).name + " role"),
                      time.micros, text);
    };
    if (const auto* leader = std::get_if<fact::BecameLeader>(&entry.fact)) {
        bar(leader->broker, leader->partition,
            fmt::format("leader, epoch {}, ISR {}", leader->leader_epoch.value,
                        ids_text(configuration_, leader->isr)));
    } else if (const auto* follower = std::get_if<fact::BecameFollower>(&entry.fact)) {
        bar(follower->broker, follower->partition,
            fmt::format("follower of {}, epoch {}", broker_id(configuration_, follower->leader),
                        follower->leader_epoch.value));
    } else if (const auto* broker = std::get_if<fact::BrokerChanged>(&entry.fact)) {
        life(time, *broker);
    } else if (const auto* change = std::get_if<fact::PartitionChanged>(&entry.fact)) {
        if (!shows(change->partition)) return;
        const std::string name = configuration_.partition(change->partition).name;
        const Place place =
            tracks_.place(partitions_process, "partitions, as decided", role_track(change->partition), name);
        const std::string who = change->leader == no_slot
                                    ? "no leader"
                                    : fmt::format("leader {}", broker_id(configuration_, change->leader));
        tracks_.state(place, time.micros,
                      fmt::format("{}, epoch {}, ISR {}{}", who, change->leader_epoch.value,
                                  ids_text(configuration_, change->isr), change->unclean ? ", unclean" : ""));
        tracks_.counter(place.process, name + " ISR", "in sync", time.micros, change->isr.size());
    } else if (const auto* fault = std::get_if<fact::FaultHappened>(&entry.fact)) {
        const std::string& name = configuration_.faults[static_cast<std::size_t>(fault->fault)].name;
        const std::string target = process_name(configuration_, fault->broker);
        const Place place = tracks_.place(faults_process, "faults", 10 + fault->fault, name);
        tracks_.state(place, time.micros, fault->undone ? "" : name + (target.empty() ? "" : ": " + target));
        tracks_.instant(place, name + (fault->undone ? " is over" : " happens"), time.micros);
    }
}

void Drawing::life(sim::SimTime time, const fact::BrokerChanged& change) {
    std::string& life = lives_[static_cast<std::size_t>(change.broker.value)];
    const bool ends = change.event == BrokerEvent::crashed || change.event == BrokerEvent::stopped ||
                      change.event == BrokerEvent::power_lost;
    if (ends) life = "down";
    if (change.event == BrokerEvent::paused) life = "paused";
    if (change.event == BrokerEvent::resumed || change.event == BrokerEvent::started) life = "up";
    const std::string name = processes_.name(change.broker.value);
    tracks_.state(tracks_.place(first_process + change.broker.value, name, life_track, "process"),
                  time.micros, life);
    if (!ends) return;
    for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) { // a process that is gone has no role
        const PartitionIndex partition{static_cast<std::int32_t>(p)};
        if (shows(partition))
            tracks_.end_state(first_process + change.broker.value, role_track(partition), time.micros);
    }
}

void Drawing::offsets(sim::SimTime time, BrokerSlot broker, PartitionIndex partition, const char* series,
                      Offset offset) {
    if (!shows(partition)) return;
    tracks_.name_process(first_process + broker.value, processes_.name(broker.value));
    tracks_.counter(first_process + broker.value, configuration_.partition(partition).name, series,
                    time.micros, offset.value);
}

void Drawing::counters(sim::SimTime time, const Fact& fact) {
    if (const auto* append = std::get_if<fact::BatchAppended>(&fact))
        offsets(time, append->broker, append->partition, "log end offset",
                next(append->base_offset, append->count));
    else if (const auto* cut = std::get_if<fact::LogTruncated>(&fact))
        offsets(time, cut->broker, cut->partition, "log end offset", cut->to);
    else if (const auto* mark = std::get_if<fact::HighWatermarkMoved>(&fact))
        offsets(time, mark->broker, mark->partition, "high watermark", mark->high_watermark);
    else if (const auto* stable = std::get_if<fact::LastStableOffsetMoved>(&fact))
        offsets(time, stable->broker, stable->partition, "last stable offset", stable->last_stable_offset);
}

/// The first request track of the process that is free: bars of one track must not overlap.
Place Drawing::request_place(sim::SimTime time, int process) {
    std::vector<std::int64_t>& busy = busy_until_[process];
    std::size_t track = 0;
    while (track < busy.size() && busy[track] > time.micros)
        ++track;
    if (track == busy.size()) busy.push_back(0);
    busy[track] = 9223372036854775807;
    return tracks_.place(first_process + process, processes_.name(process),
                         first_request_track + static_cast<int>(track),
                         fmt::format("requests {}", track + 1));
}

void Drawing::requests(sim::SimTime time, const Fact& fact, Drawn& drawn) {
    if (const auto* sent = std::get_if<fact::ProduceSent>(&fact)) {
        if (sent->stream == no_stream || !shows(configuration_.stream(sent->stream).partition)) return;
        finish(time, sent->stream, sent->first, "given up", drawn); // an attempt that nobody ended
        const Place place = request_place(time, processes_.of_producer(sent->producer));
        const std::string records =
            records_name(configuration_, sent->stream, sent->first.value, sent->first.value + sent->count);
        requests_[{sent->stream.value, sent->first.value}] = {
            place, time,
            fmt::format("produce {} to broker {}{}", records, broker_id(configuration_, sent->broker),
                        sent->attempt > 0 ? fmt::format(", attempt {}", sent->attempt + 1) : "")};
        if (extract_.has_time(time)) drawn.place = place;
    } else if (const auto* acknowledged = std::get_if<fact::RecordsAcknowledged>(&fact)) {
        finish(time, acknowledged->stream, acknowledged->first, "acknowledged", drawn);
    } else if (const auto* retried = std::get_if<fact::ProduceRetried>(&fact)) {
        finish(time, retried->stream, retried->first, kafka::name(retried->error).data(), drawn);
    } else if (const auto* failed = std::get_if<fact::RecordsFailed>(&fact)) {
        finish(time, failed->stream, failed->first, exception_name(failed->failure).data(), drawn);
    }
}

void Drawing::finish(sim::SimTime time, StreamIndex stream, Value first, const char* how, Drawn& drawn) {
    const auto at = requests_.find({stream.value, first.value});
    if (at == requests_.end()) return;
    const Request& request = at->second;
    tracks_.slice(request.place, request.name, "produce", request.since.micros,
                  time.micros - request.since.micros + 1, {{"end", how}}); // open when its answer arrives
    busy_until_[request.place.process - first_process]
               [static_cast<std::size_t>(request.place.track - first_request_track)] = time.micros + 1;
    if (extract_.has_time(time)) drawn.place = request.place;
    requests_.erase(at);
}

std::string Drawing::end(sim::SimTime time) {
    for (const auto& [key, request] : requests_)
        tracks_.slice(request.place, request.name, "produce", request.since.micros,
                      time.micros - request.since.micros + 1, {{"end", "no answer"}});
    return tracks_.text(time.micros);
}

} // namespace

std::string perfetto_of(std::span<const TraceEntry> entries, const Configuration& configuration,
                        const Extract& extract) {
    Drawing drawing(configuration, extract);
    for (const TraceEntry& entry : entries)
        drawing.add(entry);
    return drawing.end(entries.empty() ? sim::SimTime{} : entries.back().time);
}

} // namespace highwater
