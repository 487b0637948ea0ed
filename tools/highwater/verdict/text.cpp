#include "tools/highwater/verdict/text.hpp"
#include "tools/highwater/verdict/groups.hpp"
#include "tools/highwater/verdict/liveness.hpp"
#include "tools/highwater/verdict/operations.hpp"
#include "tools/highwater/verdict/transactions.hpp"

#include "tools/highwater/names.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

using kafka::Json;

struct Paint {
    bool on;
    std::string operator()(const char* code, const std::string& text) const {
        return on ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
    }
};
constexpr const char* red = "31";
constexpr const char* green = "32";
constexpr const char* yellow = "33";
constexpr const char* bold = "1";

std::string seconds_text(const Json& micros) {
    return fmt::format("{}.{:03} s", micros.get<std::int64_t>() / 1000000,
                       micros.get<std::int64_t>() % 1000000 / 1000);
}

std::string ids(const Json& list) {
    std::string text;
    for (const Json& id : list)
        text += (text.empty() ? "" : ",") + id.dump();
    return "[" + text + "]";
}

void add_ledger(std::string& out, const Json& verdict, const Paint& paint) {
    const Json& records = verdict["records"];
    out += "\n";
    const std::pair<const char*, const char*> rows[] = {
        {"sent", "records handed to send()"},
        {"acknowledged", "the producer was told \"ok\""},
        {"failed", "the producer was told an exception"},
        {"unknown", "never decided before the end"},
        {"lost", "acknowledged, and not in the final log"},
        {"unavailable", "acknowledged, and nobody can read it now: no leader, or its ISR is too small"},
        {"duplicated", "copies beyond the first"},
        {"reordered", "stand after a later-sent record"},
        {"unread", "committed, and not delivered to a reader"},
        {"deleted", "acknowledged, and gone with their topic"},
        {"written_though_failed", "reported as failed, yet in the log"},
        {"expired", "removed by retention or DeleteRecords"},
        {"compacted", "superseded by a newer record of their key, and removed by the cleaner"}};
    for (const auto& [key, meaning] : rows) {
        const auto count = records.value(key, std::int64_t{0});
        const bool always =
            std::string(key) == "sent" || std::string(key) == "acknowledged" || std::string(key) == "lost";
        if (count == 0 && !always) continue;
        const bool bad = std::string(key) == "lost" && count > 0;
        const std::string number = fmt::format("{:>13}", count_text(count));
        out += fmt::format("  {}  {:<22} {}\n", bad ? paint(red, number) : number, key, meaning);
    }
}

void add_timeline(std::string& out, const Json& verdict) {
    int shown = 0;
    out += "\n  leaders and in-sync replicas\n";
    for (const auto& [partition, body] : verdict["partitions"].items()) {
        if (++shown > 4) {
            out += fmt::format("    and {} more partitions\n", verdict["partitions"].size() - 4);
            break;
        }
        std::size_t line = 0;
        const std::size_t lines = body["timeline"].size();
        for (const Json& entry : body["timeline"]) {
            ++line;
            if (lines > 12 && line > 6 && line < lines - 4) {
                if (line == 7) out += fmt::format("    {:<14} ... {} changes ...\n", "", lines - 11);
                continue;
            }
            const std::string leader = entry["leader"].is_null() ? "none" : entry["leader"].dump();
            std::string elr = entry["elr"].empty() ? "" : "  ELR " + ids(entry["elr"]);
            if (!entry["last_known_elr"].empty()) elr += "  last known " + ids(entry["last_known_elr"]);
            out += fmt::format("    {:<14} {:>10}  leader {:<5} epoch {:<3} ISR {}{}\n",
                               line == 1 ? partition : "", seconds_text(entry["time_us"]), leader,
                               entry["leader_epoch"].get<int>(), ids(entry["isr"]), elr);
        }
        const auto unavailable = body["write_unavailable_us"]["total"].get<std::int64_t>();
        if (unavailable > 0)
            out += fmt::format("    {:<14} not writable for {} (longest {})\n", "", time_text(unavailable),
                               time_text(body["write_unavailable_us"]["longest"].get<std::int64_t>()));
    }
}

/// "crash broker 1", and when its time is up "start broker 1, after its crash".
std::string fault_text(const Json& fault) {
    const std::string what = fault["do"].get<std::string>();
    const std::string how = fault.contains("how") ? fault["how"].get<std::string>() + " " : "";
    const std::string target = fault["target"].get<std::string>();
    if (fault.contains("missed")) return what + " " + target + "  (its target named nobody)";
    if (fault.contains("step")) return step_text(fault);
    if (!fault.contains("undone")) return how + what + (how.empty() ? " " : " of ") + target;
    const std::pair<const char*, const char*> undone_by[] = {
        {"cut", "heal"},     {"slow", "heal"},      {"pause", "resume"},
        {"gc", "resume"},    {"starve", "relieve"}, {"clock", "correct"},
        {"swizzle", "free"}, {"deny", "allow"},     {"disk", "mend"}};
    const char* undoing = "start";
    for (const auto& [word, other] : undone_by)
        if (what == word) undoing = other;
    const std::string whose = how.empty() ? target : "the disk of " + target;
    return fmt::format("{} {}  (the {} is over)", undoing, whose, how.empty() ? what : "fault");
}

void add_faults(std::string& out, const Json& verdict) {
    if (verdict["faults"].empty()) return;
    out += "\n  faults\n";
    std::size_t shown = 0;
    for (const Json& fault : verdict["faults"]) {
        if (fault.value("step", "") == "starting") continue; // soon after it has stopped
        if (++shown > 12) {
            out += fmt::format("    and {} more\n", verdict["faults"].size() - 12);
            break;
        }
        const bool from_start = fault["time_us"] == 0 && fault["do"] == "slow";
        out += fmt::format("    {:>10}  {}{}\n", seconds_text(fault["time_us"]), fault_text(fault),
                           from_start ? "  (from the start)" : "");
    }
}

std::string broker_text(const Json& id) { return id.is_null() ? "nobody" : "broker " + id.dump(); }

std::string last_copy(const Json& loss) {
    if (!loss["last_copy_removed"].is_null()) {
        const Json& removed = loss["last_copy_removed"];
        return fmt::format("The last copy was removed from broker {} at {} by {}.",
                           removed["broker"].get<int>(), seconds_text(removed["time_us"]),
                           removed["by"].get<std::string>());
    }
    if (!loss["copies_left_on"].empty())
        return "A copy is left on broker " + ids(loss["copies_left_on"]) +
               ", which does not lead; it is cut when that broker follows again.";
    return "No broker ever wrote them.";
}

void add_losses(std::string& out, const Json& verdict, const Paint& paint) {
    if (verdict["losses"].empty()) return;
    out += "\n  " + paint(bold, "what was lost, and why") + "\n";
    std::size_t shown = 0;
    for (const Json& loss : verdict["losses"]) {
        if (++shown > 5) {
            out += fmt::format("    and {} more groups; --format json has them all\n",
                               verdict["losses"].size() - 5);
            break;
        }
        out +=
            fmt::format("    {} of {}: {} to {} ({} records)\n", paint(red, "lost"),
                        loss["partition"].get<std::string>(), loss["records"][0].get<std::string>(),
                        loss["records"][1].get<std::string>(), count_text(loss["count"].get<std::int64_t>()));
        if (loss["acknowledged_by"].is_null())
            out += fmt::format("      The producer counted them as sent ({}).\n",
                               loss["evidence"].get<std::string>());
        else
            out += fmt::format("      Acknowledged by {} at {} on the evidence of {}.\n",
                               broker_text(loss["acknowledged_by"]), seconds_text(loss["acknowledged_us"]),
                               loss["evidence"].get<std::string>());
        out += "      " + last_copy(loss) + "\n";
        if (loss["allowed_because"].is_null())
            out += "      " +
                   paint(red, "The configuration does not allow this: a bug in the protocol of that release, "
                              "or in the model.") +
                   "\n";
        else
            out += fmt::format("      {} allows this.\n", loss["allowed_because"].get<std::string>());
    }
}

void add_guarantees(std::string& out, const Json& verdict, const Paint& paint) {
    out += "\n  guarantees\n";
    for (const auto& [name, state] : verdict["guarantees"].items()) {
        const std::string word = state.get<std::string>();
        if (word == "not_applicable") continue;
        const char* code = word == "held" ? green : word == "allowed" ? yellow : red;
        const std::string because = verdict["because"].contains(name)
                                        ? "  (" + verdict["because"][name].get<std::string>() + ")"
                                        : "";
        out += fmt::format("    {}  {}{}\n", paint(code, fmt::format("{:<8}", word)), name, because);
    }
    for (const auto& [name, count] : verdict["invariants"].items())
        if (count.get<std::int64_t>() > 0)
            out += fmt::format("    {}  {}: {} times\n", paint(red, "broken  "), name,
                               count.get<std::int64_t>());
}

void add_expectations(std::string& out, const Json& verdict, const Paint& paint) {
    if (verdict["expectations"].empty()) return;
    std::size_t held = 0;
    for (const Json& one : verdict["expectations"])
        held += one["held"].get<bool>() ? 1 : 0;
    const std::string sum = fmt::format("{} of {} expectations held", held, verdict["expectations"].size());
    out += "\n  " + (held == verdict["expectations"].size() ? paint(green, sum) : paint(red, sum)) + "\n";
    for (const Json& one : verdict["expectations"])
        if (!one["held"].get<bool>())
            out += fmt::format("    {}  {}: wanted {}, got {}\n", paint(red, "failed"),
                               one["that"].get<std::string>(), one["wanted"].get<std::string>(),
                               one["got"].dump());
}

/// What the code around the producers did, where it is more than being told "ok".
void add_applications(std::string& out, const Json& verdict) {
    const std::pair<const char*, const char*> rows[] = {
        {"dropped_silently", "failed, and nobody looked"},
        {"logged", "failed, and were logged"},
        {"alerted", "failed, and somebody was alerted"},
        {"dead_lettered", "failed, and went to the dead letter topic"},
        {"retried", "failed, and were handed over again"},
        {"resent_after_restart", "handed over again by a restarted process"},
        {"never_told", "whose fate the code never heard"},
        {"not_sent", "of the load, never handed to send()"}};
    for (const auto& [name, producer] : verdict["producers"].items()) {
        const Json& application = producer["application"];
        std::string lines;
        for (const auto& [key, meaning] : rows)
            if (const auto count = application[key].get<std::int64_t>(); count > 0)
                lines += fmt::format("    {:>11}  {:<22} {}\n", count_text(count), key, meaning);
        const auto blocked = application["blocked_us"]["total"].get<std::int64_t>();
        if (blocked > 0)
            lines += fmt::format("    send() blocked for {} (longest {})\n", time_text(blocked),
                                 time_text(application["blocked_us"]["longest"].get<std::int64_t>()));
        for (const auto& [cause, count] : application["duplicates"].items())
            if (count.get<std::int64_t>() > 0)
                lines +=
                    fmt::format("    {:>11}  duplicates {}\n", count_text(count.get<std::int64_t>()), cause);
        if (!lines.empty()) out += fmt::format("  application around {}\n{}", name, lines);
    }
}

/// A story may have numbered steps, each on a line of its own.
std::string indented(const std::string& story) {
    std::string out = "  ";
    for (const char c : story)
        out += c == '\n' ? std::string("\n  ") : std::string(1, c);
    return out + "\n";
}

std::string other_side(const Json& pair) {
    const std::string other = pair["other"].get<std::string>();
    if (pair["side"] == "affected")
        return fmt::format("  fixed in {}: {}\n", pair["fixed"].get<std::string>(), other);
    return fmt::format("  not fixed yet in {}: {}\n", pair["affected"].get<std::string>(), other);
}

} // namespace

std::string text_of(const Json& verdict, const std::string& story, bool colour) {
    const Paint paint{colour};
    std::string out = fmt::format("{}  (Kafka {}, seed {}, {} simulated)\n",
                                  paint(bold, verdict["scenario"].get<std::string>()),
                                  verdict["release"].get<std::string>(), verdict["seed"].get<std::string>(),
                                  time_text(verdict["end_us"].get<std::int64_t>()));
    if (!story.empty()) out += indented(story);
    add_ledger(out, verdict, paint);
    for (const auto& [name, producer] : verdict["producers"].items()) {
        const Json& latency = producer["ack_latency_us"];
        out += fmt::format("  producer {}: acknowledged in {} (p50), {} (p99); longest gap {}\n", name,
                           time_text(latency["p50"].get<std::int64_t>()),
                           time_text(latency["p99"].get<std::int64_t>()),
                           time_text(producer["longest_gap_us"].get<std::int64_t>()));
        for (const auto& [exception, count] : producer["failed"].items())
            if (count.get<std::int64_t>() > 0)
                out += fmt::format("    {} x {}\n", count_text(count.get<std::int64_t>()), exception);
    }
    add_applications(out, verdict);
    out += consumers_text(verdict);
    out += transactions_text(verdict);
    add_faults(out, verdict);
    out += operations_text(verdict);
    add_timeline(out, verdict);
    add_losses(out, verdict, paint);
    out += consumer_losses_text(verdict);
    if (verdict.contains("liveness")) out += liveness_text(verdict["liveness"]);
    add_guarantees(out, verdict, paint);
    add_expectations(out, verdict, paint);
    out += "\n  repeat: " + verdict["repeat"].get<std::string>() + "\n";
    if (verdict.contains("pair")) out += other_side(verdict["pair"]);
    return out;
}

} // namespace highwater
