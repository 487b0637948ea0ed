#include "tools/highwater/sweep/summary.hpp"

#include "tools/highwater/names.hpp"
#include "tools/highwater/study/words.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

double shared(std::int64_t total, std::int64_t among) {
    return among == 0 ? 0 : static_cast<double>(total) / static_cast<double>(among);
}

std::string outcomes_text(const SweepSummary& summary, bool colour) {
    std::vector<Row> rows{{"records", "seeds with any", "in all", "of a million sent", "worst seed"}};
    for (std::size_t i = 0; i < outcome_kind_count; ++i) {
        const OutcomeTotal& total = summary.outcomes[i];
        rows.push_back(
            {outcome_kinds[i].words, proportion_text(total.seeds, summary.done), count_text(total.records),
             rate_text(1e6 * shared(total.records, summary.total(Count::sent))),
             total.worst.empty()
                 ? "-"
                 : fmt::format("{}: {}", total.worst.front().second, count_text(total.worst.front().first))});
    }
    return aligned(rows, colour);
}

std::string times_text(const SweepSummary& summary) {
    const auto mean = [&](Count count) {
        return length_text(shared(summary.total(count), summary.total(Count::partitions)));
    };
    std::string out = fmt::format("\n  no writes {} and no reads {} of a partition in a run, mean\n",
                                  mean(Count::write_unavailable_us), mean(Count::read_unavailable_us));
    out += fmt::format("  ack p50 {} and p99 {} in the median seed, p99 at most {}\n",
                       latency_text(summary.ack_p50.quantile(500)),
                       latency_text(summary.ack_p99.quantile(500)), latency_text(summary.ack_p99.max()));
    if (summary.without_acknowledgement > 0)
        out += fmt::format("  {} seeds without any acknowledgement have no latency\n",
                           summary.without_acknowledgement);
    return out;
}

std::string unheld_text(const SweepSummary& summary, bool colour) {
    std::string out;
    for (const auto& [name, unheld] : summary.violated)
        out += "\n" +
               paint(colour, "31",
                     fmt::format("VIOLATED: {} in {} of {} seeds", name, unheld.seeds, summary.done)) +
               "\n  " + repeat_of(summary.about, unheld.first_seed) + "\n";
    if (!summary.unmet.empty()) out += "\n  expectations of the file that did not hold (told, not judged)\n";
    for (const auto& [name, unheld] : summary.unmet)
        out += fmt::format("    {}: {}, first seed {}\n", name, proportion_text(unheld.seeds, summary.done),
                           unheld.first_seed);
    return out;
}

std::string worst_text(const SweepSummary& summary) {
    std::string out;
    for (std::size_t i = 0; i < outcome_kind_count; ++i) {
        const OutcomeTotal& total = summary.outcomes[i];
        if (total.worst.empty()) continue;
        out += fmt::format("    {}: ", outcome_kinds[i].words);
        for (std::size_t k = 0; k < total.worst.size(); ++k)
            out += fmt::format("{}seed {} ({})", k == 0 ? "" : ", ", total.worst[k].second,
                               count_text(total.worst[k].first));
        out += "\n      " + repeat_of(summary.about, total.worst.front().second) + "\n";
    }
    return out.empty() ? "" : "\n  worst seeds\n" + out;
}

} // namespace

std::string text_of(const SweepSummary& summary, bool colour) {
    std::string out =
        fmt::format("{}, Kafka {}: {} of {} seeds of {} to {}\n", summary.about.scenario,
                    summary.about.release, summary.done, summary.wanted, summary.first, summary.last);
    for (const std::string& line : summary.about.circumstances)
        out += "  " + line + "\n";
    if (summary.done > 0)
        out += "\n" + outcomes_text(summary, colour) +
               "\n  Intervals: 95 %, exact (Clopper-Pearson), of seeds drawn as these were.\n" +
               times_text(summary) + unheld_text(summary, colour) + worst_text(summary);
    if (!summary.complete())
        out += fmt::format("\nincomplete: {} seeds are missing\n", summary.wanted - summary.done);
    return out + "\ndigest " + summary.digest + "\n";
}

std::string rows_head() {
    return fmt::format("{:>8}  {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>10} {:>10}  {}\n", "seed", "sent",
                       "acked", "lost", "duplicat.", "reordered", "refused", "no writes", "ack p99",
                       "fingerprint");
}

std::string row_text(const SweepRow& row) {
    return fmt::format("{:>8}  {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>10} {:>10}  {}\n", row.seed,
                       row[Count::sent], row[Count::acknowledged], row[Count::lost], row[Count::duplicated],
                       row[Count::reordered], row[Count::failed],
                       length_text(static_cast<double>(row[Count::write_unavailable_us])),
                       latency_text(row[Count::ack_p99_us]), row.fingerprint);
}

} // namespace highwater
