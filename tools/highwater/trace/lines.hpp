#pragma once
// A rendered line of a trace, taken apart for people and filters.

#include "tools/highwater/trace/trace.hpp"

namespace highwater {

/// Shape: `members` are those after time, event and fact, as "key=value  key=value".
struct LineText {
    std::string fact;
    std::string partition; // empty where the fact has none
    std::string members;
};
LineText line_text(const std::string& line);

/// Which facts are wanted; an empty list wants all.
struct Extract {
    std::int64_t from = 0; // microseconds, both included
    std::int64_t until = 9223372036854775807;
    std::vector<std::string> facts;
    std::vector<std::string> partitions;

    bool has_time(sim::SimTime time) const { return time.micros >= from && time.micros <= until; }
    bool has(const LineText& text) const;
    bool has_partition(const std::string& name) const;
};

} // namespace highwater
