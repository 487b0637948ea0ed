#include "tools/highwater/report/moments.hpp"
#include "tools/highwater/report/report.hpp"

#include "tools/highwater/names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

using namespace kafka;

constexpr std::size_t most_losses = 8;
constexpr std::size_t most_moments = 16;
constexpr std::int64_t window = 24; // offsets to each side of the record

/// What each replica of one partition has, as facts told it so far.
struct Strips {
    struct Piece {
        std::int64_t base, end;
        std::int32_t epoch;
        StreamIndex stream;
        std::int64_t first;
    };
    struct Replica {
        std::vector<Piece> pieces;
        std::string role = "none";
        std::int32_t epoch = -1;
        std::int64_t log_end = 0, high_watermark = 0;
        bool alive = true, in_sync = false;
    };
    const Configuration& configuration;
    PartitionIndex partition;
    std::vector<Replica> replicas; // by broker

    Replica& of(BrokerSlot broker) { return replicas[static_cast<std::size_t>(broker.value)]; }

    void cut(Replica& replica, std::int64_t end) {
        while (!replica.pieces.empty() && replica.pieces.back().base >= end)
            replica.pieces.pop_back();
        if (!replica.pieces.empty()) replica.pieces.back().end = std::min(replica.pieces.back().end, end);
        replica.log_end = std::min(replica.log_end, end);
    }
    void add(const Fact& fact) {
        if (const auto* append = std::get_if<fact::BatchAppended>(&fact)) {
            Replica& at = of(append->broker);
            cut(at, append->base_offset.value);
            at.log_end = append->base_offset.value + append->count;
            at.pieces.push_back({append->base_offset.value, at.log_end, append->leader_epoch.value,
                                 append->stream, append->first.value});
        } else if (const auto* truncated = std::get_if<fact::LogTruncated>(&fact)) {
            cut(of(truncated->broker), truncated->to.value);
        } else if (const auto* mark = std::get_if<fact::HighWatermarkMoved>(&fact)) {
            of(mark->broker).high_watermark = mark->high_watermark.value;
        } else if (const auto* leader = std::get_if<fact::BecameLeader>(&fact)) {
            become(of(leader->broker), "leader", leader->leader_epoch, leader->high_watermark,
                   leader->log_end_offset);
        } else if (const auto* follower = std::get_if<fact::BecameFollower>(&fact)) {
            become(of(follower->broker), "follower", follower->leader_epoch, follower->high_watermark,
                   follower->log_end_offset);
        } else if (const auto* change = std::get_if<fact::PartitionChanged>(&fact)) {
            for (const BrokerSlot slot : every_replica(configuration.partition(partition)))
                of(slot).in_sync = change->isr.has(slot);
        }
    }
    void become(Replica& replica, const char* role, Epoch epoch, Offset mark, Offset end) {
        replica.role = role;
        replica.epoch = epoch.value;
        replica.high_watermark = mark.value;
        cut(replica, end.value);
        replica.log_end = end.value;
    }
    bool has(const Replica& replica, const ChosenRecord& record) const {
        return std::any_of(replica.pieces.begin(), replica.pieces.end(), [&](const Piece& piece) {
            return piece.stream == record.stream && record.value >= piece.first &&
                   record.value < piece.first + piece.end - piece.base;
        });
    }
    Json show(const ChosenRecord& record, std::int64_t offset) {
        Json all = Json::array();
        for (const BrokerSlot slot : every_replica(configuration.partition(partition))) {
            const Replica& at = of(slot);
            Json pieces = Json::array();
            for (const Piece& piece : at.pieces)
                if (piece.end > offset - window && piece.base <= offset + window)
                    pieces.push_back({piece.base, piece.end, piece.epoch});
            all.push_back({{"broker", broker_id(configuration, slot)},
                           {"alive", at.alive},
                           {"role", at.role},
                           {"epoch", at.epoch},
                           {"in_sync", at.in_sync},
                           {"log_end", at.log_end},
                           {"high_watermark", at.high_watermark},
                           {"has", has(at, record)},
                           {"pieces", pieces}});
        }
        return all;
    }
};

/// Follows one record through the facts.
struct Life {
    const Configuration& configuration;
    ChosenRecord record;
    PartitionIndex partition;
    std::int64_t offset;
    Strips strips;
    Json moments = Json::array();
    bool appended = false;
    Teller teller = {};

    std::size_t holders() const {
        return static_cast<std::size_t>(
            std::count_if(strips.replicas.begin(), strips.replicas.end(),
                          [&](const Strips::Replica& one) { return strips.has(one, record); }));
    }
    void tell(sim::SimTime time, Moment moment) {
        if (moment.title.empty()) return;
        moments.push_back({{"time_us", time.micros},
                           {"title", moment.title},
                           {"text", moment.text},
                           {"rule", moment.rule},
                           {"strips", strips.show(record, offset)}});
    }
    bool concerns(const Fact& fact) const {
        return std::visit(
            [&](const auto& f) {
                using F = std::decay_t<decltype(f)>;
                if constexpr (std::is_same_v<F, fact::BrokerChanged>)
                    return configuration.partition(partition).assignment.set().has(f.broker);
                else if constexpr (requires {
                                       f.stream;
                                       f.first;
                                       f.count;
                                   })
                    return f.stream == record.stream && record.value >= f.first.value &&
                           record.value < f.first.value + f.count;
                else if constexpr (requires {
                                       f.partition;
                                       f.broker;
                                   })
                    return f.partition == partition && appended;
                else if constexpr (std::is_same_v<F, fact::PartitionChanged>)
                    return f.partition == partition && appended;
                else
                    return false;
            },
            fact);
    }
    bool touches_log(const Fact& fact) const {
        return std::visit(
            [&](const auto& f) {
                if constexpr (requires { f.partition; }) return f.partition == partition;
                return false;
            },
            fact);
    }
    void read(const TraceEntry& entry) {
        if (const auto* change = std::get_if<fact::BrokerChanged>(&entry.fact)) {
            Strips::Replica& at = strips.of(change->broker);
            if (change->event == BrokerEvent::crashed || change->event == BrokerEvent::stopped ||
                change->event == BrokerEvent::power_lost) {
                at.alive = false;
                at.role = "none";
            }
            if (change->event == BrokerEvent::started) at.alive = true;
        }
        const bool is_concern = concerns(entry.fact);
        const std::size_t before = is_concern ? holders() : 0;
        const auto* removed = std::get_if<fact::BatchRemoved>(&entry.fact);
        if (removed != nullptr && is_concern) // the summary that follows cuts the rest
            strips.cut(strips.of(removed->broker), removed->base_offset.value);
        if (touches_log(entry.fact)) strips.add(entry.fact);
        if (!is_concern) return;
        appended = appended || std::holds_alternative<fact::BatchAppended>(entry.fact);
        const Situation situation{configuration, partition,          offset, appended, before,
                                  holders(),     is_here(entry.fact)};
        tell(entry.time, teller.of(entry.fact, situation));
    }
    /// Whether the broker that the fact is about has the record.
    bool is_here(const Fact& fact) {
        return std::visit(
            [&](const auto& f) {
                if constexpr (requires { f.broker.value; }) // a fault names other processes too
                    return f.broker.value >= 0 &&
                           static_cast<std::size_t>(f.broker.value) < strips.replicas.size() &&
                           strips.has(strips.of(f.broker), record);
                return false;
            },
            fact);
    }
};

/// Where the record stood first; no offset when no log ever had it.
std::optional<std::pair<PartitionIndex, std::int64_t>> place_of(std::span<const TraceEntry> entries,
                                                                const ChosenRecord& record) {
    for (const TraceEntry& entry : entries) {
        const auto* append = std::get_if<fact::BatchAppended>(&entry.fact);
        if (append == nullptr || append->stream != record.stream || record.value < append->first.value ||
            record.value >= append->first.value + append->count)
            continue;
        return std::pair{append->partition, append->base_offset.value + record.value - append->first.value};
    }
    return std::nullopt;
}

/// The first moments and the last; between them a note of how many were left out.
Json fewer_moments(const Json& moments, std::size_t& left_out) {
    if (moments.size() <= most_moments) return moments;
    Json kept = Json::array();
    left_out = moments.size() - most_moments;
    for (std::size_t i = 0; i < moments.size(); ++i)
        if (i < most_moments / 2 || i >= moments.size() - most_moments / 2) kept.push_back(moments[i]);
    return kept;
}

Json biography_of(const Outcome& outcome, std::span<const TraceEntry> entries, const ChosenRecord& record,
                  const std::string& fate, std::vector<std::string>& notices) {
    const Configuration& configuration = *outcome.configuration;
    const std::string name = record_name(configuration, record.stream, record.value);
    const auto place = place_of(entries, record);
    const PartitionIndex partition = place ? place->first : configuration.stream(record.stream).partition;
    Life life{configuration, record, partition, place ? place->second : 0, {configuration, partition, {}}};
    life.strips.replicas.resize(configuration.brokers.size());
    for (const TraceEntry& entry : entries)
        life.read(entry);
    const std::size_t copies = life.holders();
    life.tell(outcome.end, {copies == 0 ? "At the end no replica has it" : "The end",
                            copies == 0 ? "" : copies_text(copies) + ".", ""});
    std::size_t left_out = 0;
    Json moments = fewer_moments(life.moments, left_out);
    if (left_out > 0)
        notices.push_back(
            fmt::format("{}: {} moments in the middle of its life are left out.", name, left_out));
    return {{"record", name},
            {"partition", configuration.partition(partition).name},
            {"offset", place ? Json(place->second) : Json(nullptr)},
            {"fate", fate},
            {"window", window},
            {"moments", moments}};
}

} // namespace

Json biographies(const Outcome& outcome, std::span<const TraceEntry> entries,
                 const std::vector<ChosenRecord>& chosen, std::vector<std::string>& notices) {
    const Configuration& configuration = *outcome.configuration;
    Json all = Json::array();
    for (const ChosenRecord& record : chosen) {
        const auto& losses = outcome.ledger.losses;
        const bool is_lost = std::any_of(losses.begin(), losses.end(), [&](const Loss& loss) {
            return loss.stream == record.stream && record.value >= loss.first && record.value < loss.end;
        });
        all.push_back(biography_of(outcome, entries, record, is_lost ? "lost" : "chosen", notices));
    }
    for (std::size_t i = 0; i < std::min(most_losses, outcome.ledger.losses.size()); ++i) {
        const Loss& loss = outcome.ledger.losses[i];
        Json one = biography_of(outcome, entries, {loss.stream, loss.first}, "lost", notices);
        one["with"] = records_name(configuration, loss.stream, loss.first, loss.end);
        one["count"] = loss.end - loss.first;
        all.push_back(std::move(one));
    }
    if (outcome.ledger.losses.size() > most_losses)
        notices.push_back(fmt::format("The biographies are those of the first {} of {} stretches of lost "
                                      "records; --record tells others.",
                                      most_losses, outcome.ledger.losses.size()));
    return all;
}

} // namespace highwater
