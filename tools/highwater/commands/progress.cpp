#include "tools/highwater/commands/progress.hpp"

#include <fmt/format.h>
#include <iostream>
#include <unistd.h>

namespace highwater {

Progress::Progress(bool quiet, std::string things)
    : on_(!quiet && isatty(STDERR_FILENO) != 0), things_(std::move(things)) {}

void Progress::show(std::size_t done, std::size_t total, const std::string& beside) {
    using std::chrono::duration;
    if (!on_ || total == 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (done < total && duration<double>(now - shown_).count() < 0.1) return;
    shown_ = now;
    const double passed = duration<double>(now - begun_).count();
    const double rate = passed > 0 ? static_cast<double>(done) / passed : 0;
    std::string line = fmt::format("\r\033[K{} of {} {}", done, total, things_);
    if (done > 0 && passed > 1)
        line += fmt::format(", {:.{}f} a second, {:.0f} s left", rate, rate < 10 ? 1 : 0,
                            static_cast<double>(total - done) / rate);
    if (!beside.empty()) line += ", " + beside;
    std::cerr << line << std::flush;
}

void Progress::clear() const {
    if (on_) std::cerr << "\r\033[K" << std::flush;
}

} // namespace highwater
