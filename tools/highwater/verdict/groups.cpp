#include "tools/highwater/verdict/groups.hpp"

#include "tools/highwater/names.hpp"
#include "tools/highwater/verdict/reconciliation.hpp"

#include <fmt/format.h>

namespace highwater {

using kafka::Json;

namespace {

Json forwards_of(const kafka::ForwardSummary& forwards) {
    return {{"sent", forwards.sent},
            {"arrived", forwards.arrived},
            {"failed", forwards.failed},
            {"unknown", forwards.unknown}};
}

Json failures_of(const kafka::FailureSummary& failures) {
    return {
        {"failed", failures.failed},
        {"records", failures.records},
        {"retried", failures.retried},
        {"recovered", failures.recovered},
        {"skipped", failures.skipped},
        {"dead_letters", forwards_of(failures.dead_letters)},
        {"to_retry_topic", forwards_of(failures.to_retry_topic)},
        {"halts", failures.halts},
        {"pauses", failures.pauses},
        {"paused_us", {{"total", failures.paused_total.micros}, {"longest", failures.paused_longest.micros}}},
        {"blocked_us", failures.blocked_total.micros}};
}

void add_group(Json& one, const Outcome& outcome, const kafka::ConsumerConfiguration& consumer) {
    const kafka::Configuration& configuration = *outcome.scenario.configuration;
    const kafka::GroupSummary& group =
        outcome.ledger.consumption.groups[static_cast<std::size_t>(consumer.group.value)];
    one["group"] = configuration.group(consumer.group).name;
    one["members"] = consumer.members;
    one["polled"] = group.polled;
    one["processed"] = {{"distinct", group.processed},
                        {"once", group.once},
                        {"twice", group.twice},
                        {"more_often", group.more},
                        {"waiting", group.waiting}};
    one["lost_to_the_consumer"] = group.lost;
    Json causes = {{"total", group.repeats}};
    for (int c = 0; c < kafka::repeat_cause_count; ++c)
        causes[std::string(name(static_cast<kafka::RepeatCause>(c)))] =
            group.repeated[static_cast<std::size_t>(c)];
    one["duplicates"] = causes;
    const kafka::CopySummary& copies =
        outcome.ledger.copies.groups[static_cast<std::size_t>(consumer.group.value)];
    if (copies.any)
        one["results"] = {{"visible", copies.results},
                          {"once", copies.once},
                          {"duplicated", copies.duplicated},
                          {"missing", copies.missing},
                          {"pending", copies.pending}};
    one["rebalances"] = group.rebalances;
    one["partitions_lost"] = group.partitions_lost;
    one["failures"] = failures_of(
        outcome.ledger.consumption.failures.groups[static_cast<std::size_t>(consumer.group.value)]);
    one["commits"] = {{"succeeded", group.commits},
                      {"failed", group.commits_failed},
                      {"fenced", group.commits_fenced},
                      {"forgotten", group.forgotten}};
    Json lags = Json::object();
    Json committed = Json::object();
    for (std::size_t p = 0; p < configuration.partitions.size(); ++p) {
        const kafka::PartitionIndex partition{static_cast<std::int32_t>(p)};
        bool reads = false;
        for (const kafka::TopicIndex topic : consumer.topics)
            reads = reads || topic == configuration.partition(partition).topic;
        if (!reads) continue;
        const std::string& name = configuration.partition(partition).name;
        lags[name] = group.lags[p];
        committed[name] =
            group.committed[p] == kafka::no_offset ? Json(nullptr) : Json(group.committed[p].value);
    }
    one["lag"] = {{"end", group.lag}, {"partitions", lags}};
    one["committed"] = committed;
    add_reconciliation(one, outcome, consumer.group);
}

std::string seconds_of(const Json& micros) {
    return fmt::format("{:.3f} s", static_cast<double>(micros.get<std::int64_t>()) / 1e6);
}

std::int64_t number(const Json& value) { return value.get<std::int64_t>(); }

} // namespace

Json consumers_of(const Outcome& outcome) {
    const kafka::Configuration& configuration = *outcome.scenario.configuration;
    Json all = Json::object();
    for (std::size_t i = 0; i < configuration.consumers.size(); ++i) {
        const kafka::ConsumerConfiguration& consumer = configuration.consumers[i];
        if (consumer.member != 1) continue;
        const std::size_t first =
            first_of_readers(configuration, kafka::ConsumerIndex{static_cast<std::int32_t>(i)});
        const kafka::ConsumerSummary& read = outcome.ledger.consumers[first];
        Json one = {{"read", read.read},       {"distinct", read.distinct}, {"skipped", read.skipped},
                    {"expired", read.expired}, {"reread", read.reread},     {"unread", read.unread}};
        Json from = Json::object(); // KIP-392
        for (std::size_t b = 0; b < read.read_from.size(); ++b)
            if (read.read_from[b] > 0)
                from[std::to_string(configuration.brokers[b].id.value)] = read.read_from[b];
        one["read_from"] = std::move(from);
        if (!configuration.transactional_ids.empty()) {
            one["aborted_read"] = read.aborted_read;
            one["undecided_read"] = read.undecided_read;
        }
        const kafka::TableSummary& table = outcome.ledger.compaction.tables[first];
        if (table.any)
            one["table"] = {{"keys", table.keys},
                            {"right", table.right},
                            {"behind", table.behind},
                            {"stale", table.stale},
                            {"deleted_kept", table.deleted_kept}};
        if (consumer.group != kafka::no_group) add_group(one, outcome, consumer);
        all[base_name(consumer)] = std::move(one);
    }
    return all;
}

Json consumer_losses_of(const Outcome& outcome) {
    const kafka::Configuration& configuration = *outcome.scenario.configuration;
    Json all = Json::array();
    for (const kafka::ConsumerLoss& loss : outcome.ledger.consumption.losses) {
        const std::int64_t count = loss.end - loss.first;
        Json one = {{"group", configuration.group(loss.group).name},
                    {"partition", configuration.partition(loss.partition).name},
                    {"records",
                     {record_name(configuration, loss.stream, loss.first),
                      record_name(configuration, loss.stream, loss.end - 1)}},
                    {"offsets", {loss.offset_first.value, loss.offset_first.value + count - 1}},
                    {"count", count},
                    {"polled", loss.polled},
                    {"forward_failed", loss.forward_failed}};
        const bool by_member = loss.committed_by_known && loss.committed_by.value >= 0;
        one["committed_us"] = loss.committed_by_known ? Json(loss.committed.micros) : Json(nullptr);
        one["committed_by"] =
            by_member ? Json(configuration.consumer(loss.committed_by).name) : Json(nullptr);
        one["crash"] = nullptr;
        if (loss.crashed)
            one["crash"] = {{"member", configuration.consumer(loss.member).name},
                            {"time_us", loss.crash.micros}};
        all.push_back(std::move(one));
    }
    return all;
}

namespace {

std::string failures_text(const Json& failures) {
    if (number(failures["failed"]) + number(failures["halts"]) == 0) return "";
    std::string out = fmt::format("    {:>11}  attempts failed, of {} records: {} recovered, {} skipped\n",
                                  number(failures["failed"]), number(failures["records"]),
                                  number(failures["recovered"]), number(failures["skipped"]));
    for (const auto& [key, what] : {std::pair{"dead_letters", "dead letters"},
                                    std::pair{"to_retry_topic", "copies for the retry topic"}})
        if (number(failures[key]["sent"]) > 0)
            out += fmt::format("    {:>11}  {}, {} arrived\n", number(failures[key]["sent"]), what,
                               number(failures[key]["arrived"]));
    if (number(failures["pauses"]) > 0)
        out += fmt::format("    {:>11}  pauses of partitions, {} in all\n", number(failures["pauses"]),
                           seconds_of(failures["paused_us"]["total"]));
    if (number(failures["blocked_us"]) > 0)
        out += fmt::format("    {:>11}  spent on retries inside the poll loop\n",
                           seconds_of(failures["blocked_us"]));
    if (number(failures["halts"]) > 0)
        out += fmt::format("    {:>11}  times a process ended itself\n", number(failures["halts"]));
    return out;
}

/// What a reader of compacted topics has of their keys.
std::string table_text(const Json& table) {
    std::string out =
        fmt::format("    table: {} keys, {} right", number(table["keys"]), number(table["right"]));
    const std::pair<const char*, const char*> wrong[] = {
        {"behind", "to be read yet"}, {"stale", "stale"}, {"deleted_kept", "deleted and kept"}};
    for (const auto& [key, words] : wrong)
        if (number(table[key]) > 0) out += fmt::format(", {} {}", number(table[key]), words);
    return out + "\n";
}

} // namespace

std::string consumers_text(const Json& verdict) {
    std::string out;
    for (const auto& [name, consumer] : verdict["consumers"].items()) {
        out += fmt::format("  consumer {}: read {}, of them again {}, skipped {}, unread {}\n", name,
                           number(consumer["read"]), number(consumer["reread"]), number(consumer["skipped"]),
                           number(consumer["unread"]));
        if (consumer.contains("table")) out += table_text(consumer["table"]);
        if (!consumer.contains("group")) continue;
        const Json& processed = consumer["processed"];
        out += fmt::format(
            "    group {}: processed {} ({} once, {} twice, {} more often), lost to the consumer {}, "
            "lag {}, rebalances {}\n",
            consumer["group"].get<std::string>(), number(processed["distinct"]), number(processed["once"]),
            number(processed["twice"]), number(processed["more_often"]),
            number(consumer["lost_to_the_consumer"]), number(consumer["lag"]["end"]),
            number(consumer["rebalances"]));
        for (const auto& [cause, count] : consumer["duplicates"].items())
            if (cause != "total" && number(count) > 0)
                out += fmt::format("    {:>11}  duplicates by {}\n", number(count), cause);
        out += reconciliation_text(consumer);
        out += failures_text(consumer["failures"]);
        if (consumer.contains("results"))
            out +=
                fmt::format("    results: {} visible; of input records {} have one, {} results too many, "
                            "{} missing, {} undecided\n",
                            number(consumer["results"]["visible"]), number(consumer["results"]["once"]),
                            number(consumer["results"]["duplicated"]), number(consumer["results"]["missing"]),
                            number(consumer["results"]["pending"]));
        const Json& commits = consumer["commits"];
        out +=
            fmt::format("    {:>11}  commits, {} failed ({} of them fenced)\n", number(commits["succeeded"]),
                        number(commits["failed"]), number(commits["fenced"]));
        if (number(commits["forgotten"]) > 0)
            out += fmt::format("    {:>11}  committed offsets were deleted by the coordinator\n",
                               number(commits["forgotten"]));
    }
    return out;
}

std::string consumer_losses_text(const Json& verdict) {
    std::string out;
    std::size_t shown = 0;
    for (const Json& loss : verdict["consumer_losses"]) {
        if (++shown == 1) out += "\n  lost to consumers, though the log has it\n";
        if (shown > 5) {
            out += fmt::format("    and {} more; --format json has them all\n",
                               verdict["consumer_losses"].size() - 5);
            break;
        }
        out += fmt::format("    group {}, {}: {} to {} ({} records)\n", loss["group"].get<std::string>(),
                           loss["partition"].get<std::string>(), loss["records"][0].get<std::string>(),
                           loss["records"][1].get<std::string>(), number(loss["count"]));
        const std::string by =
            loss["committed_by"].is_null() ? "the group" : loss["committed_by"].get<std::string>();
        if (!loss["committed_us"].is_null())
            out += fmt::format("      {} committed past them at {}.\n", by, seconds_of(loss["committed_us"]));
        if (loss["forward_failed"].get<bool>())
            out += "      They had failed, and the copy for another topic never arrived.\n";
        else if (!loss["crash"].is_null())
            out += fmt::format(
                "      {} crashed at {}, between commit and processing: nobody reads them again.\n",
                loss["crash"]["member"].get<std::string>(), seconds_of(loss["crash"]["time_us"]));
        else if (!loss["polled"].get<bool>())
            out += "      No poll ever returned them: the group's position was set behind them.\n";
    }
    return out;
}

} // namespace highwater
