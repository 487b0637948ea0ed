#include "tools/highwater/advise/advice.hpp"

#include "tools/highwater/study/words.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

constexpr std::size_t most_dismissed = 12;

std::string required_text(const Wish& wish) {
    std::string text;
    for (const Requirement& requirement : wish.requirements)
        text += (text.empty() ? "" : ", ") + requirement.text;
    return text;
}

std::string verification_text(const Wish& wish, const Trial& trial) {
    std::string text = fmt::format("  verified under seeds {} to {}, none of which the search had seen:\n",
                                   trial.first, trial.first + static_cast<std::uint64_t>(trial.runs) - 1);
    for (std::size_t i = 0; i < wish.requirements.size(); ++i) {
        const Requirement& requirement = wish.requirements[i];
        if (is_of_each_run(requirement.kind))
            text += fmt::format("    {:<24}  broken in {} of runs at 95 %\n", requirement.text,
                                proportion_text(0, trial.runs));
        else
            text += fmt::format("    {:<24}  {} over all records\n", requirement.text,
                                seen_text(requirement, trial.total));
    }
    return text;
}

Row price_line(const PresetFigures& preset) {
    const RunFigures& total = preset.total;
    const auto runs = static_cast<double>(std::max<std::int64_t>(1, preset.runs));
    return {preset.name,
            proportion_text(preset.runs_with_loss, std::max<std::int64_t>(1, preset.runs)),
            rate_text(total.measure(Measure::refused)),
            length_text(total.measure(Measure::write_unavailable) / runs),
            latency_text(total.latencies.quantile(500)),
            latency_text(total.latencies.quantile(990)),
            latency_text(total.end_to_end.quantile(990)),
            bytes_text(total.measure(Measure::replicated_bytes) / runs),
            bytes_text(total.measure(Measure::stored_bytes) / runs)};
}

std::string prices_text(const Comparison& comparison, bool colour) {
    if (comparison.presets.size() < 2 || comparison.presets.front().runs == 0) return "";
    std::vector<Row> rows{{"price", "seeds that lost", "refused/M", "no writes", "ack p50", "ack p99",
                           "end to end p99", "between brokers", "stored"}};
    for (const PresetFigures& preset : comparison.presets)
        rows.push_back(price_line(preset));
    return "\n" + aligned(rows, colour);
}

std::string dismissed_text(const Answer& answer) {
    const Wish& wish = *answer.wish;
    const Advice& advice = *answer.advice;
    if (advice.tried.empty()) return "";
    std::string text = "\nCheaper, and dismissed\n";
    std::size_t told = 0;
    for (const Tried& one : advice.tried) {
        if (++told > most_dismissed) {
            text += fmt::format("  ... and {} more\n", advice.tried.size() - most_dismissed);
            break;
        }
        text += "  " + (*answer.candidates)[one.candidate].name + ":";
        for (std::size_t i = 0; i < wish.requirements.size(); ++i)
            if (one.trial.broken[i] > 0)
                text += fmt::format(" {} broken under seed {} ({});", wish.requirements[i].text,
                                    one.trial.broken_by[i], one.trial.seen[i]);
        for (const std::string& guarantee : one.trial.violated)
            text += " guarantee " + guarantee + " VIOLATED;";
        text.back() = '\n';
    }
    return text;
}

std::string obstacles_text(const Answer& answer) {
    const Wish& wish = *answer.wish;
    const Advice& advice = *answer.advice;
    std::string text;
    for (const std::size_t requirement : advice.never_met)
        text += fmt::format("  {} is in the way: none of them meets it under {} seeds.\n",
                            wish.requirements[requirement].text, wish.search);
    for (const auto& [requirement, candidate] : advice.in_the_way)
        text += fmt::format("  {} is in the way: without it, {} would do.\n",
                            wish.requirements[requirement].text, (*answer.candidates)[candidate].name);
    if (text.empty())
        text = "  No single requirement is in the way: they exclude each other in pairs or more.\n";
    return text;
}

} // namespace

std::string text_of(const Answer& answer, bool colour) {
    const Advice& advice = *answer.advice;
    const Wish& wish = *answer.wish;
    std::string text = answer.scenario + ": required: " + required_text(wish) + "\n";
    for (const std::string& circumstance : answer.circumstances)
        text += "  " + circumstance + "\n";
    if (!answer.hardship->word.empty()) {
        text += "  and, in every run, once: power loss of";
        for (const std::string& target : answer.hardship->targets)
            text += " " + target + ",";
        text.pop_back();
        text += " (one of them, in turn by seed; when and for how long is drawn)\n";
    }
    if (advice.interrupted) return text + "\nInterrupted before an answer was found.\n";
    if (!advice.found) {
        text += "\n" +
                paint(colour, "31",
                      fmt::format("No configuration meets this: {} were tried.", answer.candidates->size())) +
                "\n" + obstacles_text(answer);
        return text + dismissed_text(answer);
    }
    const Candidate& candidate = (*answer.candidates)[advice.candidate];
    text += "\n" + paint(colour, "1", "Advice: " + candidate.name) + "\n";
    if (candidate.preset != nullptr) text += "  " + candidate.preset->story + "\n";
    text += verification_text(wish, advice.verification);
    text += prices_text(advice.comparison, colour);
    return text + dismissed_text(answer) + "\nrun it: " + answer.command + "\n";
}

} // namespace highwater
