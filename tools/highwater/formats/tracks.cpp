#include "tools/highwater/formats/tracks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace highwater {

namespace {

std::string quoted_name(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

void Tracks::event(const std::string& text) { out_ += (out_.empty() ? "" : ",\n") + text; }

void Tracks::name_process(int process, const std::string& name) { processes_.emplace(process, name); }

Place Tracks::place(int process, const std::string& process_name, int track, const std::string& track_name) {
    name_process(process, process_name);
    tracks_.emplace(std::pair{process, track}, track_name);
    return {process, track};
}

void Tracks::slice(Place place, const std::string& name, const char* category, std::int64_t time,
                   std::int64_t duration, const std::vector<std::pair<std::string, std::string>>& details) {
    const std::int64_t first = std::max(time, from_);
    const std::int64_t end = until_ - time < duration ? until_ : time + duration;
    if (first > end || time > until_) return;
    std::string arguments;
    for (const auto& [key, value] : details)
        arguments +=
            fmt::format("{}{}:{}", arguments.empty() ? "" : ",", quoted_name(key), quoted_name(value));
    event(fmt::format("{{\"ph\":\"X\",\"name\":{},\"cat\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":{},\"dur\":{},"
                      "\"args\":{{{}}}}}",
                      quoted_name(name), category, place.process, place.track, first, end - first,
                      arguments));
}

void Tracks::state(Place place, std::int64_t time, const std::string& name) {
    end_state(place.process, place.track, time);
    if (!name.empty()) states_[{place.process, place.track}] = {time, name};
}

void Tracks::end_state(int process, int track, std::int64_t time) {
    const auto at = states_.find({process, track});
    if (at == states_.end()) return;
    if (time > at->second.since)
        slice({process, track}, at->second.name, "state", at->second.since, time - at->second.since, {});
    states_.erase(at);
}

void Tracks::instant(Place place, const std::string& name, std::int64_t time) {
    if (time < from_ || time > until_) return;
    event(fmt::format(
        "{{\"ph\":\"i\",\"s\":\"g\",\"name\":{},\"cat\":\"fault\",\"pid\":{},\"tid\":{},\"ts\":{}}}",
        quoted_name(name), place.process, place.track, time));
}

void Tracks::counter(int process, const std::string& name, const char* series, std::int64_t time,
                     std::int64_t value) {
    std::map<std::string, std::int64_t>& all = counters_[{process, name}];
    all[series] = value;
    if (time < from_ || time > until_) return;
    std::string arguments; // a series that an event leaves out would fall to zero
    for (const auto& [key, last] : all)
        arguments += fmt::format("{}{}:{}", arguments.empty() ? "" : ",", quoted_name(key), last);
    event(fmt::format("{{\"ph\":\"C\",\"name\":{},\"pid\":{},\"ts\":{},\"args\":{{{}}}}}", quoted_name(name),
                      process, time, arguments));
}

void Tracks::arrow(std::int64_t id, const char* name, Place from, std::int64_t time_from, Place to,
                   std::int64_t time_to) {
    if (time_from < from_ || time_to > until_) return;
    const auto end = [&](const char* phase, const char* binding, Place place, std::int64_t time) {
        event(fmt::format("{{\"ph\":\"{}\",{}\"name\":\"{}\",\"cat\":\"message\",\"id\":{},\"pid\":{},"
                          "\"tid\":{},\"ts\":{}}}",
                          phase, binding, name, id, place.process, place.track, time));
    };
    end("s", "", from, time_from);
    end("f", "\"bp\":\"e\",", to, time_to);
}

std::string Tracks::text(std::int64_t time) {
    while (!states_.empty()) {
        const auto [process, track] = states_.begin()->first;
        end_state(process, track, std::max(time, states_.begin()->second.since + 1));
    }
    for (const auto& [process, name] : processes_) {
        event(fmt::format("{{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":{},\"args\":{{\"name\":{}}}}}",
                          process, quoted_name(name)));
        event(fmt::format(
            "{{\"ph\":\"M\",\"name\":\"process_sort_index\",\"pid\":{},\"args\":{{\"sort_index\":{}}}}}",
            process, process));
    }
    for (const auto& [key, name] : tracks_) {
        event(fmt::format(
            "{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":{},\"tid\":{},\"args\":{{\"name\":{}}}}}",
            key.first, key.second, quoted_name(name)));
        event(fmt::format("{{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"pid\":{},\"tid\":{},\"args\":{{"
                          "\"sort_index\":{}}}}}",
                          key.first, key.second, key.second));
    }
    return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n" + out_ + "\n]}\n";
}

} // namespace highwater
