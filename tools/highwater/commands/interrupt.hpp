#pragma once
// Ctrl-C, and the SIGTERM of schedulers: work under way is finished, then what is there is kept.

namespace highwater {

/// While it lives, the first SIGINT or SIGTERM only sets a mark; the second ends the program as ever.
/// Shape: at most one lives at a time.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    bool came() const;
};

} // namespace highwater
