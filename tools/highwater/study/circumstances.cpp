#include "tools/highwater/study/circumstances.hpp"

#include "tools/highwater/names.hpp"

namespace highwater {

namespace {

std::string range_text(std::int64_t from, std::int64_t to) {
    return from == to ? time_text(from) : time_text(from) + " to " + time_text(to);
}

std::string whom_text(const std::vector<kafka::Target>& targets, const char* between) {
    std::string text;
    for (const kafka::Target& target : targets)
        text += (text.empty() ? "" : between) + target.text;
    return text;
}

std::string family_text(const kafka::WeatherFamily& family) {
    std::string text = "weather: " + std::string(word_of(family.fault.kind)) + " of ";
    text += family.among.empty() ? whom_text(family.fault.targets, " - ") : whom_text(family.among, ", ");
    text += ", mean every " + time_text(family.mean_every.micros) + " from " + time_text(family.from.micros) +
            " to " + time_text(family.until.micros);
    if (family.fault.lasts_from)
        text += ", for " + range_text(family.fault.lasts_from->micros, family.fault.lasts_to.micros);
    if (family.at_most > 0) text += ", at most " + std::to_string(family.at_most) + " at once";
    return text;
}

std::string link_text(const kafka::Fault& link) {
    std::string text = "link: " + whom_text(link.targets, " - ");
    if (link.latency)
        text += ", " + time_text(link.latency->p50.micros) + " at p50, " +
                time_text(link.latency->p99.micros) + " at p99";
    if (link.bandwidth_bits > 0) text += ", " + std::to_string(link.bandwidth_bits / 1000) + " kbit/s";
    return text;
}

std::string fault_text(const kafka::Fault& fault, const kafka::Configuration& configuration) {
    if (fault.pointer.rfind("/links", 0) == 0) return link_text(fault);
    std::string text = "fault: " + std::string(word_of(fault.kind));
    if (!fault.targets.empty()) text += " " + whom_text(fault.targets, " - ");
    if (fault.at_from) text += " at " + range_text(fault.at_from->micros, fault.at_to.micros);
    if (fault.after >= 0) {
        text += " after " + configuration.faults[static_cast<std::size_t>(fault.after)].name;
        text += " by " + range_text(fault.by_from.micros, fault.by_to.micros);
    }
    if (fault.when) text += " when its condition comes true";
    if (fault.lasts_from) text += ", for " + range_text(fault.lasts_from->micros, fault.lasts_to.micros);
    return text;
}

} // namespace

std::vector<std::string> circumstances_of(const kafka::Configuration& configuration) {
    std::vector<std::string> lines;
    for (const kafka::Fault& fault : configuration.faults)
        lines.push_back(fault_text(fault, configuration));
    for (const kafka::WeatherFamily& family : configuration.weather)
        lines.push_back(family_text(family));
    if (lines.empty()) lines.emplace_back("no faults");
    return lines;
}

} // namespace highwater
