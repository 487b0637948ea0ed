#include "models/settings/table.hpp"

#include <algorithm>

namespace embedded {
extern const char* const settings_producer_tsv;
extern const char* const settings_consumer_tsv;
extern const char* const settings_topic_tsv;
extern const char* const settings_broker_tsv;
} // namespace embedded

namespace kafka {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    while (from <= text.size()) {
        const std::size_t to = std::min(text.find(separator, from), text.size());
        parts.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return parts;
}

std::vector<SettingRow> parse(std::string_view table) {
    std::vector<SettingRow> rows;
    bool header = true;
    for (const std::string_view line : split(table, '\n')) {
        if (line.empty() || header) {
            header = false;
            continue;
        }
        const std::vector<std::string_view> cells = split(line, '\t');
        if (cells.size() < 9) continue;
        SettingRow row;
        row.name = cells[0];
        row.type = cells[1];
        row.valid = cells[2];
        row.update_mode = cells[3];
        row.defaults = cells[4];
        row.broker_synonyms = cells[7];
        row.modelled = cells[8] == "yes";
        rows.push_back(std::move(row));
    }
    return rows;
}

/// Parts of a cell; a bar inside a value is written as \|.
std::vector<std::string> ranges_of(std::string_view cell) {
    std::vector<std::string> parts{""};
    for (std::size_t i = 0; i < cell.size(); ++i) {
        if (cell[i] == '\\' && i + 1 < cell.size() && cell[i + 1] == '|')
            parts.back() += cell[++i];
        else if (cell[i] == '|')
            parts.emplace_back();
        else
            parts.back() += cell[i];
    }
    return parts;
}

std::size_t distance_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            corner = above;
        }
    }
    return row[b.size()];
}

} // namespace

std::string_view name(SettingScope scope) {
    switch (scope) {
    case SettingScope::producer:
        return "producer";
    case SettingScope::consumer:
        return "consumer";
    case SettingScope::topic:
        return "topic";
    case SettingScope::broker:
        return "broker";
    }
    return "";
}

SettingTables::SettingTables() {
    scopes_[0] = parse(embedded::settings_producer_tsv);
    scopes_[1] = parse(embedded::settings_consumer_tsv);
    scopes_[2] = parse(embedded::settings_topic_tsv);
    scopes_[3] = parse(embedded::settings_broker_tsv);
}

const SettingRow* SettingTables::find(SettingScope scope, std::string_view wanted) const {
    for (const SettingRow& row : rows(scope))
        if (row.name == wanted) return &row;
    return nullptr;
}

std::optional<std::string> cell_at(std::string_view cell, Release release) {
    bool ranged = false;
    for (const std::string& part : ranges_of(cell)) {
        const std::size_t equals = part.find('=');
        if (equals == std::string::npos) continue;
        const std::string span = part.substr(0, equals);
        const std::size_t dots = span.find("..");
        const auto from = parse_release(span.substr(0, dots));
        const auto to = dots == std::string::npos ? from : parse_release(span.substr(dots + 2));
        if (!from || !to) continue;
        ranged = true;
        if (*from <= release && release <= *to) return part.substr(equals + 1);
    }
    if (ranged) return std::nullopt;
    return std::string(cell); // held in every release where the setting exists
}

std::optional<std::string> default_of(const SettingRow& row, Release release) {
    return cell_at(row.defaults, release);
}

std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    std::size_t least = std::max<std::size_t>(2, text.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t away = distance_between(text, candidate);
        if (away >= least) continue;
        least = away;
        best = candidate;
    }
    return best;
}

} // namespace kafka
