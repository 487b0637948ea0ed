#include "tools/highwater/explain/explanation.hpp"

#include "tools/highwater/names.hpp"
#include "tools/highwater/study/words.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

const char* mishap_words(Mishap mishap) {
    switch (mishap) {
    case Mishap::lost:
        return "LOST: its sender was told that it was written, and the final log does not have it";
    case Mishap::duplicated:
        return "DUPLICATED: the final log has it more than once";
    case Mishap::skipped:
        return "SKIPPED: it is in the final log, and a reader went past it";
    case Mishap::processed_twice:
        return "PROCESSED TWICE by a group";
    case Mishap::none:
        break;
    }
    return "all went well with it";
}

std::string step_text(const Step& step) {
    std::string text = fmt::format("  {:>11}  {}", time_text(step.time.micros), step.what);
    if (step.times > 1)
        text += fmt::format(" ({} times, until {})", step.times, time_text(step.until.micros));
    text += "\n";
    if (!step.rule.empty()) text += fmt::format("  {:>11}    [{}]\n", "", step.rule);
    return text;
}

std::string point_text(const Explanation& all, bool colour) {
    const TurningPoint& point = all.point;
    std::string text = "\n" + paint(colour, "1", "The point of no return") + "\n";
    if (!point.found)
        return text +
               fmt::format("  None in its life: after its last step some of {} continuations without further "
                           "faults still spare it.\n",
                           point.continuations);
    const Step& step = all.steps[point.step];
    text += fmt::format("  {}  {}\n", time_text(step.time.micros), step.what);
    if (point.from_the_start)
        return text +
               fmt::format("  It was doomed from there on: all {} continuations without further faults end "
                           "the same.\n",
                           point.continuations);
    return text +
           fmt::format("  From there on all {} continuations without further faults end the same (each with "
                       "other draws); one step\n  earlier {} of {} spare it.\n",
                       point.continuations, point.saved_before, point.continuations);
}

std::string change_text(const std::vector<Change>& changes) {
    std::string text;
    for (const Change& change : changes)
        text += (text.empty() ? "" : " and ") + change.text();
    return text;
}

const char* rescue_words(Rescue rescue) {
    switch (rescue) {
    case Rescue::saved:
        return "saves it";
    case Rescue::spared:
        return "spares it, not others";
    case Rescue::told:
        return "not written, but its sender is told";
    case Rescue::undecided:
        return "its sender is told nothing";
    case Rescue::not_saved:
        return "the same";
    case Rescue::otherwise:
        return "another mishap";
    case Rescue::never_sent:
        return "never sent";
    }
    return "";
}

std::string signed_length(double micros) {
    const std::string text = length_text(micros);
    return text.starts_with("-") ? text : "+" + text;
}

/// How a run differs from the one that is explained, in what it costs.
Row price_row(const Counterfactual& one, const RunFigures& base) {
    const auto difference = [&](Latency which) {
        const std::int64_t mine = one.figures.quantiles[static_cast<std::size_t>(which)];
        const std::int64_t theirs = base.quantiles[static_cast<std::size_t>(which)];
        return mine < 0 || theirs < 0 ? std::string("-") : signed_length(static_cast<double>(mine - theirs));
    };
    const double no_writes =
        one.figures.measure(Measure::write_unavailable) - base.measure(Measure::write_unavailable);
    return {change_text(one.changes),
            rescue_words(one.rescue),
            difference(Latency::ack_p50),
            difference(Latency::ack_p99),
            signed_length(no_writes),
            fmt::format("{:+}", one.figures.failed - base.failed),
            std::to_string(one.figures.lost),
            std::to_string(one.figures.duplicated),
            std::to_string(one.figures.skipped),
            std::to_string(one.figures.processed_again)};
}

std::string table(const std::vector<Counterfactual>& all, const RunFigures& base, bool only_saved,
                  bool colour) {
    std::vector<Row> rows{{"setting", "the record", "ack p50", "ack p99", "no writes", "refused", "lost",
                           "duplicated", "skipped", "processed again"}};
    for (const Counterfactual& one : all)
        if (!only_saved || one.rescue == Rescue::saved) rows.push_back(price_row(one, base));
    return rows.size() == 1 ? "" : aligned(rows, colour);
}

bool any_saves(const std::vector<Counterfactual>& all) {
    return std::any_of(all.begin(), all.end(),
                       [](const Counterfactual& one) { return one.rescue == Rescue::saved; });
}

std::string counterfactuals_text(const Explanation& all, bool colour) {
    const Counterfactuals& tried = all.counterfactuals;
    std::string text =
        "\n" + paint(colour, "1", "The same seed and the same faults under other settings") + "\n";
    text += table(tried.singles, all.figures, false, colour);
    text += fmt::format("  {} more change nothing here, {} contradict the scenario.\n", tried.without_effect,
                        tried.impossible);
    text += "  \"spares it, not others\": other records meet the same end; the setting has only moved the "
            "time of "
            "things.\n";
    if (!any_saves(tried.singles)) {
        text += fmt::format("  No single setting saves it; of {} pairs {}:\n", tried.pairs.size(),
                            any_saves(tried.pairs) ? "these do" : "none does either");
        text += table(tried.pairs, all.figures, true, colour);
    }
    const auto p = [&](Latency which) {
        return latency_text(all.figures.quantiles[static_cast<std::size_t>(which)]);
    };
    return text +
           fmt::format(
               "  Prices are differences from this run: ack p50 {}, p99 {}, no writes {}, {} refused. "
               "The last four: records of the whole run under\n  the setting; here {}, {}, {} and {}.\n",
               p(Latency::ack_p50), p(Latency::ack_p99),
               length_text(all.figures.measure(Measure::write_unavailable)), all.figures.failed,
               all.figures.lost, all.figures.duplicated, all.figures.skipped, all.figures.processed_again);
}

} // namespace

std::string text_of(const Explanation& all, bool colour) {
    std::string text = fmt::format("{}, seed {}, Kafka {}\n", all.scenario, all.seed, all.release);
    if (!all.found) return text + all.note + "\n";
    text +=
        paint(colour, "1", fmt::format("{} of {}: {}.", all.name, all.partition, mishap_words(all.mishap))) +
        "\n";
    if (all.companions > 1)
        text += fmt::format("  {} records in a row share this, from it on.\n", all.companions);
    text += "\n" + paint(colour, "1", "Its life") + "\n";
    for (std::size_t i = 0; i < all.steps.size(); ++i) {
        if (all.point.found && i == all.point.step)
            text += paint(colour, "31", "  ------- from here on there is no return -------") + "\n";
        text += step_text(all.steps[i]);
    }
    if (all.mishap == Mishap::none) return text + "\n" + all.note + "\n";
    text += point_text(all, colour);
    text +=
        "\n" + paint(colour, "1", "What failed") + "\n  The " + all.blame.layer + ": " + all.blame.why + "\n";
    text += counterfactuals_text(all, colour);
    return text + "\nrepeat: " + all.repeat + "\n";
}

} // namespace highwater
