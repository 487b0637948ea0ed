#include "tools/highwater/names.hpp"
#include "tools/highwater/repeat.hpp"
#include "tools/highwater/trace/words.hpp"
#include "tools/highwater/verdict/groups.hpp"
#include "tools/highwater/verdict/liveness.hpp"
#include "tools/highwater/verdict/operations.hpp"
#include "tools/highwater/verdict/outcome.hpp"
#include "tools/highwater/verdict/transactions.hpp"

namespace highwater {

namespace {

using kafka::Json;

Json id_or_null(const kafka::Configuration& configuration, kafka::BrokerSlot slot) {
    return slot == kafka::no_slot ? Json(nullptr) : Json(broker_id(configuration, slot));
}

Json spans(const kafka::Spans& spans) {
    return {{"total", spans.total.micros}, {"longest", spans.longest.micros}};
}

Json records_of(const Outcome& outcome) {
    kafka::StreamSummary sum;
    for (const kafka::StreamSummary& one : outcome.ledger.streams) {
        sum.sent += one.sent;
        sum.acknowledged += one.acknowledged;
        sum.failed += one.failed;
        sum.unknown += one.unknown;
        sum.lost += one.lost;
        sum.unavailable += one.unavailable;
        sum.duplicated += one.duplicated;
        sum.reordered += one.reordered;
        sum.written_though_failed += one.written_though_failed;
        sum.deleted += one.deleted;
        sum.expired += one.expired;
        sum.compacted += one.compacted;
    }
    std::int64_t unread = 0;
    for (const kafka::ConsumerSummary& one : outcome.ledger.consumers)
        unread += one.unread;
    Json records = {{"sent", sum.sent},
                    {"acknowledged", sum.acknowledged},
                    {"failed", sum.failed},
                    {"unknown", sum.unknown},
                    {"lost", sum.lost},
                    {"unavailable", sum.unavailable},
                    {"duplicated", sum.duplicated},
                    {"reordered", sum.reordered},
                    {"unread", unread},
                    {"written_though_failed", sum.written_though_failed},
                    {"expired", sum.expired}};
    if (deletes_topics(*outcome.configuration)) records["deleted"] = sum.deleted;
    if (outcome.configuration->compacts) records["compacted"] = sum.compacted;
    return records;
}

Json compaction_of(const kafka::CompactionSummary& summary) {
    return {{"removed", summary.removed},
            {"keys", summary.keys},
            {"stale", summary.stale},
            {"missing", summary.missing},
            {"resurrected", summary.resurrected}};
}

Json timeline_entry(const kafka::Configuration& configuration, const kafka::TimelineEntry& entry) {
    return {{"time_us", entry.time.micros},
            {"leader", id_or_null(configuration, entry.change.leader)},
            {"leader_epoch", entry.change.leader_epoch.value},
            {"isr", broker_ids(configuration, entry.change.isr)},
            {"elr", broker_ids(configuration, entry.change.elr)},
            {"last_known_elr", broker_ids(configuration, entry.change.last_known_elr)}};
}

Json partitions_of(const Outcome& outcome) {
    const kafka::Configuration& configuration = *outcome.configuration;
    Json all = Json::object();
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i) {
        const kafka::PartitionState& state = outcome.decided[i];
        const kafka::PartitionSummary& summary = outcome.ledger.partitions[i];
        Json timeline = Json::array();
        for (const kafka::TimelineEntry& entry : summary.timeline)
            timeline.push_back(timeline_entry(configuration, entry));
        all[configuration.partitions[i].name] = {{"leader", id_or_null(configuration, state.leader)},
                                                 {"leader_epoch", state.leader_epoch.value},
                                                 {"isr", broker_ids(configuration, state.isr)},
                                                 {"elr", broker_ids(configuration, state.elr)},
                                                 {"replicas", Json::array()},
                                                 {"high_watermark", summary.high_watermark.value},
                                                 {"log_end_offset", summary.log_end_offset.value},
                                                 {"log_start_offset", summary.log_start_offset.value},
                                                 {"unclean_elections", summary.unclean_elections},
                                                 {"write_unavailable_us", spans(summary.write_unavailable)},
                                                 {"read_unavailable_us", spans(summary.read_unavailable)},
                                                 {"timeline", std::move(timeline)}};
        add_replicas(all[configuration.partitions[i].name], outcome, i);
        if (configuration.compacts)
            all[configuration.partitions[i].name]["compaction"] =
                compaction_of(outcome.ledger.compaction.partitions[i]);
    }
    return all;
}

/// Smallest latency that at least `part` of a thousand records do not exceed.
std::int64_t quantile(const kafka::Tally& counts, std::int64_t thousandths) {
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

/// What the code around producer `i` knew and did.
Json application_of(const Outcome& outcome, std::size_t i, std::int64_t sent, std::int64_t acknowledged) {
    const kafka::ApplicationSummary& one = outcome.ledger.applications.producers[i];
    const kafka::ProducerApplication& asked = outcome.configuration->producers[i].application;
    const bool blind = asked.send == kafka::SendStyle::fire_and_forget;
    const std::int64_t told_ok = blind ? 0 : acknowledged;
    const auto count = [&](kafka::ErrorReaction reaction) {
        return one.reactions[static_cast<std::size_t>(reaction)];
    };
    Json errors = Json::object();
    for (int c = 0; c < kafka::error_class_count; ++c)
        errors[std::string(name(static_cast<kafka::ErrorClass>(c)))] = one.told[static_cast<std::size_t>(c)];
    return {{"told_ok", told_ok},
            {"told_error", one.told_error},
            {"never_told", sent - told_ok - one.told_error},
            {"not_sent", one.not_sent},
            {"errors", errors},
            {"logged", count(kafka::ErrorReaction::log)},
            {"dropped_silently", count(kafka::ErrorReaction::drop) + count(kafka::ErrorReaction::unseen)},
            {"alerted", count(kafka::ErrorReaction::alert)},
            {"dead_lettered", count(kafka::ErrorReaction::dead_letter)},
            {"dead_letters_failed", one.dead_letters_failed},
            {"halted", count(kafka::ErrorReaction::halt) > 0},
            {"retried", count(kafka::ErrorReaction::retry)},
            {"resent_after_restart", one.resent_after_restart},
            {"died_unsent", one.died_unsent},
            {"died_in_flight", one.died_in_flight},
            {"blocked", one.blocked},
            {"blocked_us", {{"total", one.blocked_total.micros}, {"longest", one.blocked_longest.micros}}},
            {"duplicates",
             {{"by_producer_retry", one.duplicates_by_producer},
              {"by_application_retry", one.duplicates_by_application},
              {"by_restart", one.duplicates_by_restart}}}};
}

Json producers_of(const Outcome& outcome) {
    const kafka::Configuration& configuration = *outcome.configuration;
    Json all = Json::object();
    for (std::size_t i = 0; i < configuration.producers.size(); ++i) {
        const kafka::ProducerSummary& summary = outcome.ledger.producers[i];
        std::int64_t sent = 0;
        std::int64_t acknowledged = 0;
        for (std::size_t s = 0; s < configuration.streams.size(); ++s) {
            if (static_cast<std::size_t>(configuration.streams[s].producer.value) != i) continue;
            sent += outcome.ledger.streams[s].sent;
            acknowledged += outcome.ledger.streams[s].acknowledged;
        }
        Json failed = Json::object(); // every exception, so that zero can be expected
        for (int f = 0; f < kafka::send_failure_count; ++f) {
            const auto failure = static_cast<kafka::SendFailure>(f);
            const auto at = summary.failed.find(failure);
            failed[std::string(exception_name(failure))] = at == summary.failed.end() ? 0 : at->second;
        }
        Json retried = Json::object(); // the usual ones always, so that zero can be expected
        for (const kafka::ErrorCode usual :
             {kafka::ErrorCode::not_leader_or_follower, kafka::ErrorCode::network_exception,
              kafka::ErrorCode::request_timed_out, kafka::ErrorCode::not_enough_replicas,
              kafka::ErrorCode::not_enough_replicas_after_append,
              kafka::ErrorCode::out_of_order_sequence_number})
            retried[std::string(exception_name(usual))] = 0;
        for (const auto& [error, count] : summary.retried)
            retried[std::string(exception_name(error))] = count;
        all[configuration.producers[i].name] = {
            {"sent", sent},
            {"acknowledged", acknowledged},
            {"failed", failed},
            {"retried_errors", retried},
            {"ack_latency_us",
             {{"p50", quantile(summary.latencies, 500)},
              {"p99", quantile(summary.latencies, 990)},
              {"max", summary.latencies.empty() ? 0 : summary.latencies.entries().back().first}}},
            {"longest_gap_us", summary.longest_gap.micros},
            {"epoch_bumps", summary.epoch_bumps},
            {"application", application_of(outcome, i, sent, acknowledged)}};
        if (configuration.producers[i].transactional_id != kafka::no_transactional_id)
            all[configuration.producers[i].name]["transactions"] = transactions_of(outcome, i);
    }
    return all;
}

Json losses_of(const Outcome& outcome) {
    const kafka::Configuration& configuration = *outcome.configuration;
    Json all = Json::array();
    for (const kafka::Loss& loss : outcome.ledger.losses) {
        Json one = {{"partition", configuration.partition(loss.partition).name},
                    {"records",
                     {record_name(configuration, loss.stream, loss.first),
                      record_name(configuration, loss.stream, loss.end - 1)}}};
        const bool placed = loss.evidence.base_offset.value > 0 || loss.evidence.time != sim::SimTime{};
        one["offsets"] = loss.first_offset == kafka::no_offset
                             ? Json(nullptr)
                             : Json{loss.first_offset.value, loss.last_offset.value};
        one["count"] = loss.end - loss.first;
        one["acknowledged_by"] =
            placed ? Json(broker_id(configuration, loss.evidence.broker)) : Json(nullptr);
        one["acknowledged_us"] = loss.evidence.time.micros;
        one["evidence"] = evidence_text(loss.evidence, configuration);
        if (loss.removed)
            one["last_copy_removed"] = {{"time_us", loss.last_removed.micros},
                                        {"broker", broker_id(configuration, loss.last_removed_from)},
                                        {"by", cause_text(loss.cause)}};
        else
            one["last_copy_removed"] = nullptr;
        one["copies_left_on"] = broker_ids(configuration, loss.copies);
        const std::string reason = allowed_loss(loss, outcome.ledger, configuration);
        one["allowed_because"] = reason.empty() ? Json(nullptr) : Json(reason);
        all.push_back(std::move(one));
    }
    return all;
}

Json faults_of(const Outcome& outcome) {
    const kafka::Configuration& configuration = *outcome.configuration;
    Json all = Json::array();
    for (const kafka::FaultRecord& record : outcome.ledger.faults) {
        const kafka::Fault& fault = configuration.faults[static_cast<std::size_t>(record.fault)];
        std::string target = process_name(configuration, record.target);
        if (target.empty())
            for (const kafka::Target& one : fault.targets)
                target += (target.empty() ? "" : " - ") + one.text;
        if (fault.kind == kafka::FaultKind::finalize && target.empty())
            target = "features of " + std::string(name(*fault.release));
        Json one = {{"name", fault.name},
                    {"do", word_of(fault.kind)},
                    {"target", target},
                    {"time_us", record.time.micros}};
        if (fault.kind == kafka::FaultKind::disk) one["how"] = word_of(fault.disk.trouble);
        if (record.undone) one["undone"] = true;
        if (record.step) one["step"] = words::operation_steps[static_cast<std::size_t>(*record.step)];
        if (record.missed) one["missed"] = "the target named nobody";
        all.push_back(std::move(one));
    }
    return all;
}

/// Who was the active controller, and how long nobody was.
Json controllers_of(const Outcome& outcome) {
    const kafka::Configuration& configuration = *outcome.configuration;
    Json timeline = Json::array();
    for (const kafka::ControllerHistory::Step& step : outcome.controllers.steps) {
        const auto at = static_cast<std::size_t>(step.active.value);
        const kafka::BrokerId id =
            configuration.has_zookeeper() ? configuration.brokers[at].id : configuration.controllers[at].id;
        timeline.push_back(
            {{"time_us", step.time.micros}, {"controller", id.value}, {"epoch", step.epoch.value}});
    }
    Json all = {{"elections", outcome.controllers.elections},
                {"elections_lost", outcome.controllers.elections_lost},
                {"without_controller_us",
                 {{"total", outcome.controllers.without.total.micros},
                  {"longest", outcome.controllers.without.longest.micros}}},
                {"timeline", timeline}};
    if (configuration.has_zookeeper()) all.erase("elections_lost"); // who creates /controller has won
    return all;
}

/// Which side of a pair this run is, and the command that runs the other.
Json pair_of(const Outcome& outcome) {
    const kafka::Pair& pair = *outcome.scenario.pair;
    std::vector<std::string> change;
    if (!pair.is_fixed) change = {"-X", "release=" + std::string(name(pair.fixed))};
    return {{"affected", std::string(name(pair.affected))},
            {"fixed", std::string(name(pair.fixed))},
            {"side", pair.is_fixed ? "fixed" : "affected"},
            {"other", repeat_command(outcome.scenario.file, outcome.seed, change)}};
}

} // namespace

Json verdict_of(const Outcome& outcome, std::vector<std::string>& problems) {
    Json verdict = {{"format", "highwater.verdict/1"},
                    {"scenario", outcome.scenario.name},
                    {"seed", std::to_string(outcome.seed)},
                    {"release", std::string(name(outcome.configuration->release))},
                    {"fingerprint", outcome.fingerprint},
                    {"repeat", outcome.repeat},
                    {"events", std::to_string(outcome.events)},
                    {"end_us", outcome.end.micros}};
    if (outcome.scenario.pair) verdict["pair"] = pair_of(outcome);
    verdict["records"] = records_of(outcome);
    verdict["partitions"] = partitions_of(outcome);
    verdict["producers"] = producers_of(outcome);
    verdict["consumers"] = consumers_of(outcome);
    if (outcome.configuration->controllers.size() > 1) verdict["quorum"] = controllers_of(outcome);
    if (outcome.configuration->has_zookeeper()) verdict["controller"] = controllers_of(outcome);
    if (outcome.liveness) verdict["liveness"] = liveness_of(*outcome.liveness, *outcome.configuration);
    if (!outcome.configuration->transactional_ids.empty())
        verdict["transactions"] = transaction_totals_of(outcome);
    verdict["network"] = {{"replicated_bytes", outcome.ledger.replicated_bytes}};
    verdict["losses"] = losses_of(outcome);
    verdict["consumer_losses"] = consumer_losses_of(outcome);
    Json guarantees = Json::object();
    Json because = Json::object();
    for (const kafka::Guarantee& one : outcome.guarantees) {
        guarantees[one.name] = std::string(name(one.state));
        if (!one.because.empty()) because[one.name] = one.because;
    }
    verdict["guarantees"] = std::move(guarantees);
    verdict["because"] = std::move(because);
    Json invariants = Json::object();
    for (const auto& [invariant, count] : outcome.invariants.counts())
        invariants[invariant] = count;
    verdict["invariants"] = std::move(invariants);
    verdict["faults"] = faults_of(outcome);
    if (!outcome.ledger.operations.all.empty()) verdict["operations"] = operations_of(outcome);
    Json expectations = Json::array();
    for (const kafka::Expectation& expectation : outcome.scenario.expectations) {
        const kafka::ExpectationResult result = evaluate(expectation, verdict);
        if (!result.problem.empty())
            problems.push_back(expectation.pointer + ": \"" + expectation.that + "\": " + result.problem);
        expectations.push_back(
            {{"that", result.that}, {"wanted", result.wanted}, {"got", result.got}, {"held", result.held}});
    }
    verdict["expectations"] = std::move(expectations);
    verdict["warnings"] = outcome.scenario.warnings;
    return verdict;
}

bool all_held(const Json& verdict, bool judges_expectations) {
    for (const auto& [guarantee, state] : verdict["guarantees"].items())
        if (state == "violated") return false;
    for (const Json& expectation : verdict["expectations"])
        if (judges_expectations && !expectation["held"].get<bool>()) return false;
    return true;
}

} // namespace highwater
