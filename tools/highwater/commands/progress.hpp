#pragma once
// How far long work is: one line on a terminal, drawn over itself.

#include <chrono>
#include <cstddef>
#include <string>

namespace highwater {

class Progress {
  public:
    /// `things` names what is counted ("runs", "seeds"). Nothing is shown when `quiet` or when standard error
    /// is no terminal.
    Progress(bool quiet, std::string things);
    /// At most ten times a second, with rate and time left; `beside` stands at the end of the line.
    void show(std::size_t done, std::size_t total, const std::string& beside = "");
    /// Takes the line away; call it before anything else is written.
    void clear() const;

  private:
    bool on_;
    std::string things_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point shown_{};
};

} // namespace highwater
