#pragma once
// A sweep's results on disk: one SQLite file, a row for each seed.

#include "tools/highwater/sweep/about.hpp"
#include "tools/highwater/sweep/row.hpp"

#include <functional>
#include <memory>
#include <optional>

struct sqlite3;

namespace highwater {

/// The file is wrong, or the disk is.
struct SweepFileError {
    std::string message; // a sentence that begins with the file's name
};

/// Shape:  one process writes a file at a time. What was committed survives a kill at any moment; a program
/// that
///         is killed loses at most the rows since the last commit. After `finish` the bytes depend on the
///         rows and on what they are results of, and on nothing else.
/// Error:  throws SweepFileError.
class SweepFile {
  public:
    enum class Purpose { write, read };
    /// Opens or, for writing, creates. An empty path is a file that nobody sees and that goes away.
    SweepFile(const std::string& path, Purpose purpose);
    SweepFile(SweepFile&&) noexcept = default;
    ~SweepFile();

    /// What the file says of itself; nothing when it is new.
    std::optional<SweepAbout> about() const;
    /// Says what the results are results of; the range of seeds grows to hold that of `about`.
    void set_about(const SweepAbout& about);

    /// Seeds of [first, last] for which `takes` (place in the range) is true and that have no row yet.
    std::vector<std::uint64_t> missing(std::uint64_t first, std::uint64_t last,
                                       const std::function<bool(std::uint64_t)>& takes) const;
    std::optional<SweepRow> row(std::uint64_t seed) const;
    /// Rows reach the disk with the next commit: after a second, or with `commit`.
    void add(const SweepRow& row);
    void commit();
    /// All rows within [first, last] in order of seeds, one at a time.
    void each(std::uint64_t first, std::uint64_t last,
              const std::function<void(const SweepRow&)>& visit) const;
    /// Commits, and writes the file anew in its one canonical form.
    void finish();

  private:
    struct Closer {
        void operator()(sqlite3* database) const;
    };
    std::string path_;
    std::unique_ptr<sqlite3, Closer> database_;
    bool in_transaction_ = false;
    std::int64_t begun_ = 0; // of the transaction, in milliseconds of a steady clock

    void run(const std::string& statement) const;
    void check(int code) const;
    [[noreturn]] void fail(const std::string& what) const;
};

} // namespace highwater
