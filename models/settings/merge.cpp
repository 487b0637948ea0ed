#include "models/settings/merge.hpp"

#include <boost/lexical_cast.hpp>
#include <boost/program_options.hpp>

#include <algorithm>

namespace kafka::parts {

namespace po = boost::program_options;

namespace {

bool is_whole_number(std::string_view type) { return type == "INT" || type == "LONG" || type == "SHORT"; }

/// The options of one scope in one release, typed as Kafka types them.
po::options_description options_of(const SettingTables& tables, SettingScope scope, Release release) {
    po::options_description options;
    for (const SettingRow& row : tables.rows(scope)) {
        if (!default_of(row, release)) continue;
        const std::string type = cell_at(row.type, release).value_or("STRING");
        if (is_whole_number(type))
            options.add_options()(row.name.c_str(), po::value<std::int64_t>());
        else if (type == "BOOLEAN")
            options.add_options()(row.name.c_str(), po::value<bool>());
        else
            options.add_options()(row.name.c_str(), po::value<std::string>());
    }
    return options;
}

/// Bounds "[0,...]" or "[1,...,9]"; words "[all, -1, 0, 1]". Empty when the value is fine.
std::string complaint(const std::string& valid, const std::string& type, const std::string& value) {
    const std::size_t open = valid.find('[');
    const std::size_t shut = valid.find(']', open);
    if (open == std::string::npos || shut == std::string::npos) return "";
    std::vector<std::string> parts;
    std::string part;
    for (const char c : valid.substr(open + 1, shut - open - 1)) {
        if (c == ',') {
            parts.push_back(part);
            part.clear();
        } else if (c != ' ') {
            part += c;
        }
    }
    parts.push_back(part);
    const bool range = std::find(parts.begin(), parts.end(), "...") != parts.end();
    if (!range) {
        const bool any_case = valid.find("case insensitive") != std::string::npos;
        const auto matches = [&](const std::string& word) {
            return any_case ? lower(word) == lower(value) : word == value;
        };
        if (type == "LIST" || std::any_of(parts.begin(), parts.end(), matches)) return "";
        return "one of " + valid.substr(open);
    }
    if (!is_whole_number(type)) return "";
    if (const std::size_t other = valid.find("or ");
        other != std::string::npos && valid.substr(other + 3) == value)
        return "";
    const auto number = boost::lexical_cast<std::int64_t>(value);
    if (number < boost::lexical_cast<std::int64_t>(parts.front())) return "at least " + parts.front();
    if (parts.back() != "..." && number > boost::lexical_cast<std::int64_t>(parts.back()))
        return "at most " + parts.back();
    return "";
}

/// Why the setting cannot be given here, with the nearest name that can.
std::string unknown(const SettingTables& tables, SettingScope scope, Release release,
                    const std::string& given) {
    if (const SettingRow* row = tables.find(scope, given)) {
        return "release " + std::string(name(release)) + " has no such " + std::string(name(scope)) +
               " setting; its defaults are known for " + row->defaults;
    }
    std::vector<std::string> names;
    for (const SettingRow& row : tables.rows(scope))
        if (default_of(row, release)) names.push_back(row.name);
    std::string message = "unknown " + std::string(name(scope)) + " setting";
    if (const auto near = nearest(given, names)) message += "; did you mean \"" + *near + "\"?";
    return message;
}

/// Source: ConfigDef.parseType: numbers and booleans may stand between blanks.
std::string trimmed(const std::string& text) {
    const std::size_t from = text.find_first_not_of(" \t");
    if (from == std::string::npos) return "";
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::string expected_type(const std::string& type) {
    if (type == "BOOLEAN") return "true or false";
    return is_whole_number(type) ? "a whole number (" + type + ")" : "text";
}

/// Stores one value unless a stronger source has stored it; says what is wrong with it.
void store_one(Merged& merged, const po::options_description& options, const SettingTables& tables,
               SettingScope scope, Release release, SettingSource source,
               const std::pair<std::string, std::string>& given) {
    const SettingRow* row = tables.find(scope, given.first);
    if (row == nullptr || !default_of(*row, release)) {
        merged.problems.push_back({given.first, source, unknown(tables, scope, release, given.first)});
        return;
    }
    const std::string type = cell_at(row->type, release).value_or("STRING");
    const std::string value =
        is_whole_number(type) || type == "BOOLEAN" ? lower(trimmed(given.second)) : given.second;
    const std::string got = ", got \"" + given.second + "\"";
    if (type == "BOOLEAN" && value != "true" && value != "false") {
        merged.problems.push_back({given.first, source, "expected true or false" + got});
        return;
    }
    try {
        po::parsed_options parsed(&options);
        parsed.options.emplace_back(given.first, std::vector<std::string>{value});
        po::store(parsed, merged.values);
        const std::int64_t bound = type == "INT" ? 2147483647 : type == "SHORT" ? 32767 : 9223372036854775807;
        if (is_whole_number(type) && boost::lexical_cast<std::int64_t>(value) > bound)
            throw po::error("too large");
    } catch (const std::exception&) {
        merged.problems.push_back({given.first, source, "expected " + expected_type(type) + got});
        return;
    }
    const std::string wrong = complaint(cell_at(row->valid, release).value_or(""), type, value);
    if (!wrong.empty()) merged.problems.push_back({given.first, source, "expected " + wrong + got});
    if (!row->modelled && source != SettingSource::client_preset) {
        const std::string warning = given.first + " is accepted but not modelled";
        if (std::find(merged.warnings.begin(), merged.warnings.end(), warning) == merged.warnings.end())
            merged.warnings.push_back(warning);
    }
}

} // namespace

sim::Duration from_millis(std::int64_t millis) {
    constexpr std::int64_t most = 9223372036854775807 / 1000;
    return millis >= most ? sim::Duration{9223372036854775807} : sim::milliseconds(millis);
}

const EffectiveSetting* Merged::find(std::string_view wanted) const {
    for (const EffectiveSetting& setting : effective)
        if (setting.name == wanted) return &setting;
    return nullptr;
}

bool Merged::was_given(std::string_view wanted) const {
    const EffectiveSetting* setting = find(wanted);
    return setting != nullptr && setting->source != SettingSource::default_config &&
           setting->source != SettingSource::client_preset;
}

bool Merged::was_preset(std::string_view wanted) const {
    const EffectiveSetting* setting = find(wanted);
    return setting != nullptr && setting->source == SettingSource::client_preset;
}

std::string Merged::text(const std::string& wanted, const std::string& otherwise) const {
    const EffectiveSetting* setting = find(wanted);
    const bool none = setting == nullptr || setting->value == "null" || setting->value == "(empty)" ||
                      setting->value == "(required)";
    return none ? otherwise : setting->value;
}

std::int64_t Merged::number(const std::string& wanted, std::int64_t otherwise) const {
    const std::string value = trimmed(text(wanted, ""));
    std::int64_t parsed = 0;
    return boost::conversion::try_lexical_convert(value, parsed) ? parsed : otherwise;
}

bool Merged::flag(const std::string& wanted, bool otherwise) const {
    const std::string value = lower(trimmed(text(wanted, otherwise ? "true" : "false")));
    return value == "true";
}

sim::Duration Merged::millis(const std::string& wanted, sim::Duration otherwise) const {
    const std::int64_t value = number(wanted, -1);
    return value < 0 ? otherwise : from_millis(value);
}

void Merged::derive(const std::string& wanted, const std::string& value) {
    for (EffectiveSetting& setting : effective)
        if (setting.name == wanted) setting.value = value;
}

Merged merge(const SettingTables& tables, SettingScope scope, Release release,
             std::span<const Layer> layers) {
    Merged merged;
    const po::options_description options = options_of(tables, scope, release);
    for (const Layer& layer : layers)
        for (const auto& given : layer.values)
            store_one(merged, options, tables, scope, release, layer.source, given);
    for (const SettingRow& row : tables.rows(scope)) {
        const std::optional<std::string> fallback = default_of(row, release);
        if (!fallback) continue;
        EffectiveSetting setting{row.name, *fallback, SettingSource::default_config, row.modelled, {}};
        for (const Layer& layer : layers)
            for (const auto& given : layer.values)
                if (given.first == row.name) setting.synonyms.emplace_back(layer.source, given.second);
        setting.synonyms.emplace_back(SettingSource::default_config, *fallback);
        setting.value = setting.synonyms.front().second;
        setting.source = setting.synonyms.front().first;
        merged.effective.push_back(std::move(setting));
    }
    std::sort(merged.effective.begin(), merged.effective.end(),
              [](const EffectiveSetting& a, const EffectiveSetting& b) { return a.name < b.name; });
    return merged;
}

} // namespace kafka::parts
