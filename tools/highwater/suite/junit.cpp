#include "tools/highwater/suite/junit.hpp"

#include "models/scenario/source.hpp"
#include "tools/highwater/suite/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

using kafka::Json;

/// Valid UTF-8: the JSON library replaces what is not.
std::string valid_utf8(const std::string& text) {
    const std::string json = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return Json::parse(json).get<std::string>();
}

std::string seconds(std::chrono::microseconds took) {
    return fmt::format("{}.{:06}", took.count() / 1000000, took.count() % 1000000);
}

std::string class_name(const ScenarioResult& result) {
    std::string name = result.file.substr(0, result.file.rfind('.'));
    std::replace(name.begin(), name.end(), '/', '.');
    return name;
}

void add_case(std::string& out, const ScenarioResult& result, const CheckSummary& summary) {
    const Check& check = summary.example;
    std::string name = fmt::format("{} {}", word(check.kind), check.name);
    if (check.kind == Check::Kind::expectation) name += " " + check.wanted;
    out += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml_text(class_name(result)),
                       xml_text(name));
    if (summary.failures > 0) {
        const std::string why = explanation(check);
        const std::string message = why.substr(0, why.find('\n')) + " (" + seeds_text(summary) + ")";
        out += fmt::format(
            ">\n      <failure message=\"{}\" type=\"{}\">{}\nrepeat: {}</failure>\n    </testcase>\n",
            xml_text(message), word(check.kind), xml_text(why), xml_text(summary.repeat));
    } else if (check.state == Check::State::not_applicable) {
        out += ">\n      <skipped message=\"not applicable\"/>\n    </testcase>\n";
    } else if (check.state == Check::State::allowed) {
        out += fmt::format(">\n      <system-out>allowed: {}</system-out>\n    </testcase>\n",
                           xml_text(check.because));
    } else {
        out += "/>\n";
    }
}

void add_properties(std::string& out, const ScenarioResult& result) {
    if (result.runs.empty()) return;
    const auto property = [&](const std::string& name, const std::string& value) {
        out += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", xml_text(name), xml_text(value));
    };
    out += "    <properties>\n";
    if (result.runs.size() == 1) {
        property("seed", std::to_string(result.runs.front().seed));
        property("fingerprint", result.runs.front().fingerprint);
    } else {
        property("seeds", fmt::format("{}..{}", result.runs.front().seed, result.runs.back().seed));
        for (const RunSummary& run : result.runs)
            property(fmt::format("fingerprint of seed {}", run.seed), run.fingerprint);
    }
    out += "    </properties>\n";
}

struct Counts {
    std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
    std::chrono::microseconds took{};
};

Counts count(const ScenarioResult& result) {
    Counts counts{result.checks.size() + (result.errors.empty() ? 0U : 1U), 0,
                  result.errors.empty() ? 0U : 1U, 0, result.took};
    for (const CheckSummary& summary : result.checks) {
        counts.failures += summary.failures > 0 ? 1 : 0;
        const bool skipped = summary.failures == 0 && summary.example.state == Check::State::not_applicable;
        counts.skipped += skipped ? 1 : 0;
    }
    return counts;
}

std::string attributes(const Counts& counts) {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"", counts.tests,
                       counts.failures, counts.errors, counts.skipped, seconds(counts.took));
}

} // namespace

std::string xml_text(const std::string& text) {
    std::string out;
    const std::string valid = valid_utf8(text);
    for (std::size_t i = 0; i < valid.size(); ++i) {
        const char c = valid[i];
        const bool no_character =
            valid.compare(i, 3, "\xEF\xBF\xBE") == 0 || valid.compare(i, 3, "\xEF\xBF\xBF") == 0;
        if (no_character) {
            out += '?';
            i += 2;
        } else if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\n' || c == '\t' || c == '\r')
            out += fmt::format("&#{};", static_cast<int>(c));
        else if (static_cast<unsigned char>(c) < 0x20)
            out += '?';
        else
            out += c;
    }
    return out;
}

std::string junit_of(const SuiteResult& result) {
    Counts all;
    for (const ScenarioResult& one : result.scenarios) {
        const Counts counts = count(one);
        all.tests += counts.tests;
        all.failures += counts.failures;
        all.errors += counts.errors;
        all.skipped += counts.skipped;
        all.took += counts.took;
    }
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    out += fmt::format("<testsuites name=\"highwater\" {}>\n", attributes(all));
    for (const ScenarioResult& one : result.scenarios) {
        out += fmt::format("  <testsuite name=\"{}\" file=\"{}\" {}>\n", xml_text(one.name),
                           xml_text(one.file), attributes(count(one)));
        add_properties(out, one);
        if (!one.errors.empty()) {
            std::string errors;
            for (const std::string& error : one.errors)
                errors += (errors.empty() ? "" : "\n") + error;
            out += fmt::format("    <testcase classname=\"{}\" name=\"runs\">\n      <error message=\"{}\" "
                               "type=\"{}\">{}</error>\n    </testcase>\n",
                               xml_text(class_name(one)), xml_text(one.errors.front()), word(one.state),
                               xml_text(errors));
        }
        for (const CheckSummary& summary : one.checks)
            add_case(out, one, summary);
        out += "  </testsuite>\n";
    }
    return out + "</testsuites>\n";
}

} // namespace highwater
