#pragma once
// What was measured, and how it is told: a line for each figure, with its goal and whether it is met.

#include <map>
#include <string>
#include <vector>

namespace bench {

/// Medians over the repetitions, by benchmark.
class Figures {
  public:
    struct Run {
        double cpu = 0;  // seconds an iteration
        double wall = 0; // seconds an iteration
        std::map<std::string, double> counters;
    };
    void add(const std::string& name, const Run& run) { runs_[name].push_back(run); }
    bool has(const std::string& name) const { return runs_.count(name) == 1; }
    double cpu(const std::string& name) const;
    double wall(const std::string& name) const;
    double counter(const std::string& name, const std::string& counter) const;

  private:
    std::map<std::string, std::vector<Run>> runs_; // in the order of measuring
};

/// The middle one, or the mean of the middle two. Shape: not empty.
double median(std::vector<double> values);

/// Prints one line. Without a goal, `met` says nothing.
void row(const std::string& what, const std::string& figure, const std::string& goal, bool met);
/// How many goals were missed so far.
int goals_missed();

} // namespace bench
