// cleanup.policy and what the log cleaner asks of a topic.

#include "models/settings/merge.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

void refuse(Merged& merged, const std::string& setting, const std::string& message) {
    const EffectiveSetting* found = merged.find(setting);
    merged.problems.push_back(
        {setting, found == nullptr ? SettingSource::default_config : found->source, message});
}

/// "0.5" in millionths; digits behind the sixth say nothing.
std::int32_t ratio_ppm(const std::string& text, std::int32_t otherwise) {
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string whole_part = text.substr(0, point);
    std::string fraction = point < text.size() ? text.substr(point + 1) : "";
    fraction.resize(6, '0');
    const auto is_digits = [](const std::string& digits) {
        return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (text.empty() || !is_digits(whole_part) || !is_digits(fraction) || whole_part.size() > 3)
        return otherwise;
    const std::int32_t ones = whole_part.empty() ? 0 : std::stoi(whole_part);
    return ones * 1000000 + std::stoi(fraction);
}

} // namespace

void fill_cleanup(Merged& merged, TopicSettings& settings) {
    const std::string policy = merged.text("cleanup.policy", "delete");
    settings.cleanup_delete = false;
    for (std::size_t from = 0; from <= policy.size();) {
        const std::size_t comma = std::min(policy.find(',', from), policy.size());
        std::string word = policy.substr(from, comma - from);
        std::erase(word, ' ');
        settings.cleanup_compact = settings.cleanup_compact || word == "compact";
        settings.cleanup_delete = settings.cleanup_delete || word == "delete";
        if (word != "compact" && word != "delete")
            refuse(merged, "cleanup.policy",
                   "expected \"delete\", \"compact\" or \"compact,delete\", got \"" + policy + "\"");
        from = comma + 1;
    }
    settings.keeps_segments = settings.keeps_segments || settings.cleanup_compact;
    const std::string ratio = merged.text("min.cleanable.dirty.ratio", "0.5");
    settings.min_cleanable_ppm = ratio_ppm(ratio, -1);
    if (settings.min_cleanable_ppm < 0) {
        refuse(merged, "min.cleanable.dirty.ratio",
               "expected a number from 0 to 1 such as \"0.5\", got \"" + ratio + "\"");
        settings.min_cleanable_ppm = 500000;
    }
    settings.min_compaction_lag = merged.number("min.compaction.lag.ms", settings.min_compaction_lag);
    settings.max_compaction_lag = merged.number("max.compaction.lag.ms", settings.max_compaction_lag);
    settings.delete_retention = merged.number("delete.retention.ms", settings.delete_retention);
    if (settings.cleanup_compact && settings.min_compaction_lag > settings.max_compaction_lag)
        refuse(merged, "max.compaction.lag.ms", // Source: LogConfig.validateTopicLogConfigValues
               "expected at least min.compaction.lag.ms = " + std::to_string(settings.min_compaction_lag) +
                   ", got \"" + merged.text("max.compaction.lag.ms", "") + "\"");
}

} // namespace kafka::parts
