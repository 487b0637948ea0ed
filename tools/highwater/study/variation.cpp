#include "tools/highwater/study/variation.hpp"

#include <algorithm>

namespace highwater {

namespace {

struct Varied {
    std::string key;
    std::vector<std::string> values;
};

/// Reads "key=a,b"; the problem in words when it is not that.
std::string read_varied(const std::string& text, Varied& varied) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return "expected key=value,value, such as acks=1,all; got \"" + text + "\"";
    varied.key = text.substr(0, equals);
    for (std::size_t from = equals + 1; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        const std::string value = text.substr(from, comma - from);
        if (value.empty()) return "a value of " + varied.key + " is empty";
        if (std::find(varied.values.begin(), varied.values.end(), value) != varied.values.end())
            return "value " + value + " of " + varied.key + " stands twice";
        varied.values.push_back(value);
        from = comma + 1;
    }
    return "";
}

std::string name_of(const Variation& variation) {
    std::string name = variation.preset == nullptr ? "" : variation.preset->name;
    for (const auto& [key, value] : variation.settings)
        name += (name.empty() ? "" : " ") + key + "=" + value;
    return name;
}

} // namespace

std::vector<Variation> variations_of(const std::vector<kafka::Preset>& presets,
                                     const std::vector<std::string>& vary, std::string& problem) {
    std::vector<Variation> all;
    for (const kafka::Preset& preset : presets)
        all.push_back({"", &preset, {}});
    if (presets.empty()) all.push_back({"", nullptr, {}});
    std::vector<std::string> keys;
    for (const std::string& text : vary) {
        Varied varied;
        problem = read_varied(text, varied);
        if (problem.empty() && std::find(keys.begin(), keys.end(), varied.key) != keys.end())
            problem = varied.key + " is varied twice; give its values in one list";
        if (problem.empty() && all.size() * varied.values.size() > most_variations)
            problem = "more than " + std::to_string(most_variations) + " combinations";
        if (!problem.empty()) return {};
        keys.push_back(varied.key);
        std::vector<Variation> more;
        for (const Variation& variation : all)
            for (const std::string& value : varied.values) {
                more.push_back(variation);
                more.back().settings.emplace_back(varied.key, value);
            }
        all = std::move(more);
    }
    for (Variation& variation : all)
        variation.name = name_of(variation);
    return all;
}

} // namespace highwater
