#include "tools/highwater/commands/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace highwater {

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int signal) {
    interrupted = true;
    std::signal(signal, SIG_DFL);
}

} // namespace

Interrupt::Interrupt() {
    interrupted = false;
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
}

Interrupt::~Interrupt() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

bool Interrupt::came() const { return interrupted; }

} // namespace highwater
