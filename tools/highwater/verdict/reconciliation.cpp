#include "tools/highwater/verdict/reconciliation.hpp"

#include <fmt/format.h>

namespace highwater {

using kafka::Json;

namespace {

/// Smallest number that at least `thousandths` of a thousand records do not exceed.
std::int64_t share_below(const kafka::Tally& counts, std::int64_t thousandths) {
    std::int64_t total = 0;
    for (const auto& [micros, count] : counts)
        total += count;
    std::int64_t left = (total * thousandths + 999) / 1000;
    for (const auto& [micros, count] : counts) {
        left -= count;
        if (left <= 0) return micros;
    }
    return 0;
}

Json end_to_end_of(const kafka::EndToEndSummary& summary) {
    return {{"produced", summary.produced},
            {"exactly_once", summary.once},
            {"more_than_once", summary.repeated},
            {"never",
             {{"total", summary.lost_in_log + summary.expired + summary.given_up + summary.passed_over +
                            summary.to_come + summary.compacted},
              {"lost_in_the_log", summary.lost_in_log},
              {"expired", summary.expired},
              {"compacted", summary.compacted},
              {"given_up", summary.given_up},
              {"passed_over", summary.passed_over},
              {"to_come", summary.to_come}}},
            {"unacknowledged", summary.unacknowledged},
            {"delivery", std::string(delivery(summary))},
            {"latency_us",
             {{"p50", share_below(summary.latencies, 500)},
              {"p99", share_below(summary.latencies, 990)},
              {"max", share_below(summary.latencies, 1000)}}}};
}

Json anomalies_of(const kafka::MemberAnomalies& found) {
    Json causes = Json::object();
    for (int c = 0; c < kafka::rebalance_cause_count; ++c)
        causes[std::string(name(static_cast<kafka::RebalanceCause>(c)))] =
            found.rebalances[static_cast<std::size_t>(c)];
    return {{"poll_skips", found.poll_skips},
            {"nonmonotonic_polls", found.nonmonotonic_polls},
            {"unexpected_offsets", found.unexpected_offsets},
            {"auto_commits_ahead", found.auto_commits_ahead},
            {"commits_ahead", found.commits_ahead},
            {"committed_past_position", found.committed_past_position},
            {"commits_backwards", found.commits_backwards},
            {"consumed_unassigned", found.consumed_unassigned},
            {"committed_unassigned", found.committed_unassigned},
            {"revoked_unassigned", found.revoked_unassigned},
            {"processed_unassigned", found.processed_unassigned},
            {"rebalances_by", causes},
            {"worst_realtime_lag_us", found.worst_realtime_lag.micros}};
}

std::int64_t whole(const Json& value) { return value.get<std::int64_t>(); }
double as_seconds(const Json& micros) { return static_cast<double>(whole(micros)) / 1e6; }

} // namespace

void add_reconciliation(Json& consumer, const Outcome& outcome, kafka::GroupIndex group) {
    const auto at = static_cast<std::size_t>(group.value);
    const kafka::LagSummary& lag = outcome.ledger.lag.groups[at];
    Json above = Json::object();
    for (std::size_t i = 0; i < kafka::lag_thresholds.size(); ++i)
        above[std::to_string(kafka::lag_thresholds[i])] = lag.above[i].micros;
    consumer["lag"]["max"] = lag.most;
    consumer["lag"]["max_at_us"] = lag.most_at.micros;
    consumer["lag"]["above_us"] = above;
    consumer["lag"]["series"] = {{"every_us", lag.width.micros}, {"max", lag.series}};
    consumer["end_to_end"] = end_to_end_of(outcome.ledger.end_to_end.groups[at]);
    const kafka::StateSummary& state = outcome.ledger.stored_state.groups[at];
    if (state.kept)
        consumer["state"] = {{"applied", state.applied},
                             {"distinct", state.distinct},
                             {"twice", state.applied - state.distinct},
                             {"missing", state.missing},
                             {"refused", state.refused},
                             {"exact", state.applied == state.distinct && state.missing == 0}};
    consumer["anomalies"] = anomalies_of(outcome.ledger.member_readings.groups[at]);
}

std::string reconciliation_text(const Json& consumer) {
    const Json& end = consumer["end_to_end"];
    const Json& lag = consumer["lag"];
    std::string out = fmt::format(
        "    {:>11}  produced and processed {}: {} once, {} more than once, {} never ({} to come)\n",
        whole(end["produced"]), end["delivery"].get<std::string>(), whole(end["exactly_once"]),
        whole(end["more_than_once"]), whole(end["never"]["total"]), whole(end["never"]["to_come"]));
    out += fmt::format(
        "    from send to effect: p50 {:.3f} s, p99 {:.3f} s, at most {:.3f} s; largest lag {} at {:.3f} s\n",
        as_seconds(end["latency_us"]["p50"]), as_seconds(end["latency_us"]["p99"]),
        as_seconds(end["latency_us"]["max"]), whole(lag["max"]), as_seconds(lag["max_at_us"]));
    if (consumer.contains("state"))
        out += fmt::format("    {:>11}  records in the application's state: {} of them twice, {} missing\n",
                           whole(consumer["state"]["applied"]), whole(consumer["state"]["twice"]),
                           whole(consumer["state"]["missing"]));
    for (const auto& [anomaly, count] : consumer["anomalies"].items())
        if (count.is_number() && anomaly != "worst_realtime_lag_us" && whole(count) > 0)
            out += fmt::format("    {:>11}  {}\n", whole(count), anomaly);
    return out;
}

} // namespace highwater
