#pragma once
// Trace Event JSON as Perfetto takes it: named tracks, bars, counters, arrows.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace highwater {

struct Place {
    int process = 0;
    int track = 0;
};

/// Times are microseconds. What lies outside [from, until] is cut off or left out.
class Tracks {
  public:
    Tracks(std::int64_t from, std::int64_t until) : from_(from), until_(until) {}
    void name_process(int process, const std::string& name);
    Place place(int process, const std::string& process_name, int track, const std::string& track_name);
    /// A bar. Bars of one track must nest or be apart: Perfetto drops others.
    void slice(Place place, const std::string& name, const char* category, std::int64_t time,
               std::int64_t duration, const std::vector<std::pair<std::string, std::string>>& details);
    /// A bar that lasts until the track's next state; an empty name only ends the one before.
    void state(Place place, std::int64_t time, const std::string& name);
    void end_state(int process, int track, std::int64_t time);
    void instant(Place place, const std::string& name, std::int64_t time);
    void counter(int process, const std::string& name, const char* series, std::int64_t time,
                 std::int64_t value);
    /// Both ends lie in bars that are open then: an end without a bar is no arrow.
    void arrow(std::int64_t id, const char* name, Place from, std::int64_t time_from, Place to,
               std::int64_t time_to);
    /// The whole file; states that are open end at `time`.
    std::string text(std::int64_t time);

  private:
    struct State {
        std::int64_t since;
        std::string name;
    };
    std::int64_t from_, until_;
    std::string out_;
    std::map<int, std::string> processes_;
    std::map<std::pair<int, int>, std::string> tracks_;
    std::map<std::pair<int, int>, State> states_;
    std::map<std::pair<int, std::string>, std::map<std::string, std::int64_t>> counters_;

    void event(const std::string& text);
};

} // namespace highwater
