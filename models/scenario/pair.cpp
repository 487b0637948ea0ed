#include "models/scenario/parts.hpp"

namespace kafka::parts {

/// Source: style.md 8: historic bugs are tests in pairs. Brokers and clients with a release of their own keep
/// it on both sides.
void read_fixed(Fields& top, Reading& reading) {
    const Json* value = top.get("fixed");
    if (value == nullptr) return;
    Fields fields(*value, top.at("fixed"), reading.problems);
    const std::optional<Release> fixed = read_release(fields, reading, "release");
    if (!fields.has("release"))
        reading.problems.add(fields.at("release"), "expected the first release without the damage");
    if (!top.has("release"))
        reading.problems.add(top.at("release"),
                             "a file with \"fixed\" names the release in which the damage happens");
    if (fixed && reading.file_release && *fixed <= *reading.file_release)
        reading.problems.add(fields.at("release"),
                             "expected a release after " + std::string(name(*reading.file_release)) +
                                 ", in which the damage happens, got \"" + std::string(name(*fixed)) + "\"");
    std::vector<Expectation> expectations = read_expectations(fields, reading);
    if (expectations.empty())
        reading.problems.add(fields.at("expect"), "expected what holds under the fixed release");
    if (reading.scenario.expectations.empty())
        reading.problems.add(top.at("expect"),
                             "a file with \"fixed\" says what happens under the release that it names");
    fields.finish();
    if (!fixed || !reading.file_release) return;
    reading.scenario.pair = Pair{*reading.file_release, *fixed, reading.configuration.release >= *fixed};
    if (reading.scenario.pair->is_fixed) reading.scenario.expectations = std::move(expectations);
}

} // namespace kafka::parts
