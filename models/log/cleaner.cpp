#include "models/log/cleaner.hpp"

#include "models/log/segments.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>
#include <map>

namespace kafka {

namespace {

constexpr Offset beyond{9223372036854775807};

/// First offset of a transaction that is open, or whose marker is not below the high watermark.
/// Source: UnifiedLog.firstUnstableOffset.
Offset first_unstable(const LogTransactions& transactions, Offset high_watermark) {
    Offset first = transactions.open.empty() ? beyond : transactions.open.front().first_offset;
    for (const LogTransactions::Ended& one : transactions.unreplicated)
        if (one.marker >= high_watermark) first = std::min(first, one.first_offset);
    return first;
}

/// Place of the file that holds `offset`.
std::size_t file_of(const std::vector<Segment>& files, Offset offset) {
    std::size_t at = 0;
    while (at + 1 < files.size() && files[at + 1].base_offset <= offset)
        ++at;
    return at;
}

/// Source: LogCleanerManager.cleanableOffsets.
Offset first_uncleanable(const Log& log, const LogTransactions& transactions, std::size_t first_file,
                         const TopicSettings& topic, const CleaningBounds& bounds) {
    const std::vector<Segment>& files = log.segments.list;
    Offset bound = first_unstable(transactions, bounds.high_watermark);
    if (bounds.stops_at_last_stable_offset) bound = std::min(bound, bounds.high_watermark);
    bound = std::min(bound, files.back().base_offset);
    for (std::size_t i = first_file; topic.min_compaction_lag > 0 && i + 1 < files.size(); ++i)
        if (files[i].max_timestamp > bounds.now - topic.min_compaction_lag)
            return std::min(bound, files[i].base_offset);
    return bound;
}

} // namespace

LogToClean dirt_of(const Log& log, const LogTransactions& transactions, const TopicSettings& topic,
                   const CleaningBounds& bounds) {
    SIM_ASSERT(!log.segments.list.empty(), "a log that is compacted keeps account of its files");
    const std::vector<Segment>& files = log.segments.list;
    LogToClean dirt;
    const Offset checkpoint =
        log.cleaning.checkpoint == no_offset ? log.log_start_offset : log.cleaning.checkpoint;
    dirt.resets_checkpoint = checkpoint < log.log_start_offset || checkpoint > log.log_end_offset;
    dirt.first_dirty = dirt.resets_checkpoint ? log.log_start_offset : checkpoint;
    const std::size_t first_file = file_of(files, dirt.first_dirty);
    const Offset bound = first_uncleanable(log, transactions, first_file, topic, bounds);
    // Source: LogCleanerManager.calculateCleanableBytes: whole files.
    const std::size_t end_file = file_of(files, std::max(bound, dirt.first_dirty));
    dirt.end = files[end_file].base_offset;
    for (std::size_t i = 0; i < files.size() && files[i].base_offset < dirt.first_dirty; ++i)
        dirt.clean_bytes += files[i].bytes;
    for (std::size_t i = first_file; i < end_file; ++i)
        dirt.dirty_bytes += files[i].bytes;
    // Source: LogCleanerManager.maxCompactionDelay.
    for (std::size_t i = first_file; i + 1 < files.size(); ++i) {
        const std::int64_t age = bounds.now - files[i].first_timestamp;
        dirt.overdue = dirt.overdue || (files[i].first_timestamp > 0 && age > topic.max_compaction_lag);
    }
    return dirt;
}

std::int64_t dirty_ppm(const LogToClean& dirt) {
    const std::int64_t total = dirt.clean_bytes + dirt.dirty_bytes;
    return total == 0 ? 0 : dirt.dirty_bytes * 1000000 / total;
}

bool wants_cleaning(const LogToClean& dirt, const TopicSettings& topic) {
    if (dirt.dirty_bytes == 0) return false;
    return dirt.overdue || dirty_ppm(dirt) > topic.min_cleanable_ppm;
}

namespace {

/// One pass of the cleaner over a log.
class Pass {
  public:
    Pass(const Log& log, const ProducerStates& producers, const CleaningOrder& order)
        : log_(log), producers_(producers), order_(order) {}

    /// False when a batch cannot be read.
    bool run() {
        for (std::size_t i = 0; i < log_.batches.size() && log_.batches[i].base_offset < order_.dirt.end; ++i)
            if (!is_readable(log_.batches[i])) return false;
        build_offset_map();
        const std::vector<Segment>& files = log_.segments.list;
        std::size_t at = 0;
        std::size_t file = 0;
        while (file < files.size() && files[file].base_offset < order_.dirt.end) {
            Segment merged{files[file].base_offset, 0, 0, 0, 0};
            std::int64_t bytes = 0;
            std::int64_t modified = 0;
            const std::size_t first = file;
            while (file < files.size() && files[file].base_offset < order_.dirt.end &&
                   (file == first || bytes + files[file].bytes <= order_.most_segment_bytes)) {
                bytes += files[file].bytes;
                modified = files[file].last_modified;
                keep_legacy_ = files[file].last_modified > legacy_horizon();
                for (; at < log_.batches.size() && log_.batches[at].base_offset < end_of(file); ++at)
                    filter(log_.batches[at], merged);
                ++file;
            }
            merged.last_modified = modified;
            cleaned_.push_back(merged);
        }
        kept_files_ = file;
        kept_batches_ = at;
        return true;
    }

    /// The cleaned files take the place of the old ones. Source: UnifiedLog.replaceSegments.
    void swap_in(Log& log) {
        sim::SharedChunks<Batch> batches;
        for (const Batch& one : kept_)
            batches.push_back(one);
        for (std::size_t i = kept_batches_; i < log.batches.size(); ++i)
            batches.push_back(log.batches[i]);
        const std::vector<Segment>& old = log.segments.list;
        cleaned_.insert(cleaned_.end(), old.begin() + static_cast<std::ptrdiff_t>(kept_files_), old.end());
        Cleaning cleaning = log.cleaning;
        const bool known = knows_prefix(log, order_.dirt.end);
        if (order_.dirt.end > cleaning.gaps_end) {
            cleaning.gaps_hash = known ? prefix_hash(log, order_.dirt.end) : 0;
            cleaning.gaps_end = order_.dirt.end;
        }
        cleaning.horizons = horizons_;
        cleaning.checkpoint = order_.dirt.end;
        log.batches = std::move(batches);
        log.segments.list = std::move(cleaned_);
        log.cleaning = std::move(cleaning);
        log.bytes = 0;
        for (const Segment& one : log.segments.list)
            log.bytes += one.bytes;
    }

    CleaningResult result;

  private:
    const Log& log_;
    const ProducerStates& producers_;
    const CleaningOrder& order_;
    std::map<std::int32_t, Offset> latest_; // of each key in the dirty part
    std::vector<ProducerId> observed_;      // a batch of their transaction has been met
    std::vector<Batch> kept_;
    std::vector<DeleteHorizon> horizons_;
    std::vector<Segment> cleaned_;
    std::size_t kept_files_ = 0;
    std::size_t kept_batches_ = 0;
    bool keep_legacy_ = false; // tombstones and markers of this file, before KIP-534

    Offset end_of(std::size_t file) const {
        const std::vector<Segment>& files = log_.segments.list;
        return file + 1 < files.size() ? files[file + 1].base_offset : log_.log_end_offset;
    }

    bool is_readable(const Batch& batch) {
        const bool corrupt = std::binary_search(log_.corrupt.begin(), log_.corrupt.end(), batch.base_offset);
        const bool no_key = order_.abilities.takes_records_without_key && has_records(batch) &&
                            keys_of(batch).cycle.empty(); // 0.8.2: require(message.hasKey)
        if (corrupt || no_key) result.bad = batch.base_offset;
        return !result.bad;
    }

    const StreamKeys& keys_of(const Batch& batch) const {
        return order_.keys[static_cast<std::size_t>(batch.stream.value)];
    }

    bool is_aborted(const Batch& batch) const {
        const std::vector<LogTransactions::Ended>& all = producers_.transactions.aborted;
        return batch.is_transactional &&
               std::any_of(all.begin(), all.end(), [&](const LogTransactions::Ended& one) {
                   return one.producer_id == batch.producer_id && one.first_offset <= batch.base_offset &&
                          batch.base_offset < one.marker;
               });
    }

    /// Source: Cleaner.buildOffsetMap.
    void build_offset_map() {
        std::size_t i = batch_index(log_, order_.dirt.first_dirty);
        for (; i < log_.batches.size() && log_.batches[i].base_offset < order_.dirt.end; ++i) {
            const Batch& batch = log_.batches[i];
            if (!has_records(batch) || is_aborted(batch)) continue;
            const StreamKeys& keys = keys_of(batch);
            if (keys.cycle.empty()) continue;
            const std::int64_t end = value_end(batch).value;
            const std::int64_t from =
                order_.keeps_the_first ? batch.value_first.value : first_of_last_keys(keys, end, batch.count);
            for (std::int64_t value = from; value < end; ++value) {
                const Offset offset = next(batch.base_offset, value - batch.value_first.value);
                if (order_.keeps_the_first)
                    latest_.emplace(key_of(keys, value), offset);
                else
                    latest_[key_of(keys, value)] = offset;
            }
        }
    }

    /// Tombstones and markers of files that were written before this instant may go. Source:
    /// Cleaner.doClean (legacyDeleteHorizonMs): delete.retention.ms before the last clean file was written.
    std::int64_t legacy_horizon() const {
        const std::vector<Segment>& files = log_.segments.list;
        std::int64_t horizon = 0;
        for (const Segment& one : files)
            if (one.base_offset < order_.dirt.first_dirty)
                horizon = one.last_modified - order_.delete_retention;
        return horizon;
    }

    std::optional<std::int64_t> horizon_of(const Batch& batch) const {
        for (const DeleteHorizon& one : log_.cleaning.horizons)
            if (one.base_offset == batch.base_offset) return one.time;
        return std::nullopt;
    }

    bool is_last_of_producer(const Batch& batch) const {
        for (const ProducerEntry& entry : producers_.entries) {
            if (entry.producer_id != batch.producer_id || batch.producer_id == no_producer_id) continue;
            if (entry.cached_count == 0)
                return is_control(batch) && entry.producer_epoch == batch.producer_epoch;
            const ProducerEntry::Cached& last =
                entry.cached[static_cast<std::size_t>(entry.cached_count - 1)];
            return next(last.base_offset, last.count) == end_offset(batch);
        }
        return false;
    }

    /// Whether the batch keeps its place when all its records go.
    bool keeps_place(const Batch& batch) const {
        return is_last_of_producer(batch) ||
               (order_.abilities.keeps_last_batch && end_offset(batch) == order_.dirt.end);
    }

    void keep(const Batch& batch, std::optional<std::int64_t> horizon, Segment& into) {
        kept_.push_back(batch);
        add_to(into, batch);
        result.bytes_after += batch.bytes;
        if (horizon) horizons_.push_back({batch.base_offset, *horizon});
    }

    std::int64_t new_horizon() const {
        constexpr std::int64_t latest = 9223372036854775807;
        return order_.delete_retention > latest - order_.now ? latest : order_.now + order_.delete_retention;
    }

    void filter(const Batch& batch, Segment& into) {
        result.bytes_before += batch.bytes;
        if (is_control(batch)) return filter_marker(batch, into);
        const bool aborted = is_aborted(batch);
        if (batch.is_transactional &&
            std::find(observed_.begin(), observed_.end(), batch.producer_id) == observed_.end())
            observed_.push_back(batch.producer_id);
        if (batch.remains == Remains::emptied) {
            if (keeps_place(batch)) keep(batch, std::nullopt, into);
            return;
        }
        filter_records(batch, aborted, into);
    }

    /// A marker goes when no batch of its transaction is left, and readers have had delete.retention.ms to
    /// hear of it. Source: CleanedTransactionMetadata.onControlBatchRead, Cleaner.cleanInto.
    void filter_marker(const Batch& marker, Segment& into) {
        const bool empty = std::erase(observed_, marker.producer_id) == 0;
        std::optional<std::int64_t> horizon = horizon_of(marker);
        if (empty) result.done_markers.push_back(marker.base_offset);
        const bool over =
            order_.abilities.batches_have_horizons ? horizon && *horizon <= order_.now : !keep_legacy_;
        if (empty && over && !keeps_place(marker)) return;
        if (empty && !horizon && order_.abilities.batches_have_horizons) horizon = new_horizon();
        keep(marker, horizon, into);
    }

    /// Source: Cleaner.shouldRetainRecord. Nothing: it stays.
    std::optional<fact::CompactionCause> removed_because(const StreamKeys& keys, std::int64_t value,
                                                         Offset offset, bool keeps_tombstones) const {
        if (keys.cycle.empty()) return fact::CompactionCause::no_key;
        const auto found = latest_.find(key_of(keys, value));
        const bool last = found == latest_.end() || offset >= found->second;
        const bool first = found == latest_.end() || offset <= found->second;
        if (!(order_.keeps_the_first ? first : last)) return fact::CompactionCause::superseded;
        if (is_tombstone(keys, value) && !keeps_tombstones) return fact::CompactionCause::tombstone;
        return std::nullopt;
    }

    /// Of a dirty batch, records behind which another one of the batch has the same key.
    std::int32_t superseded_within(const Batch& batch, const StreamKeys& keys) const {
        const bool indexed = batch.base_offset >= order_.dirt.first_dirty && !keys.cycle.empty();
        if (!indexed || order_.keeps_the_first) return 0;
        return static_cast<std::int32_t>(first_of_last_keys(keys, value_end(batch).value, batch.count) -
                                         batch.value_first.value);
    }

    void filter_records(const Batch& batch, bool aborted, Segment& into) {
        const StreamKeys& keys = keys_of(batch);
        std::optional<std::int64_t> horizon = horizon_of(batch);
        const bool keeps_tombstones =
            order_.abilities.batches_have_horizons ? !horizon || order_.now < *horizon : keep_legacy_;
        std::vector<Batch> pieces;
        bool tombstones = false;
        std::optional<fact::CompactionCause> before;
        const std::int32_t from = aborted ? batch.count : superseded_within(batch, keys);
        if (from > 0) {
            before = aborted ? fact::CompactionCause::aborted : fact::CompactionCause::superseded;
            note_removed(batch, 0, from, *before, false);
        }
        for (std::int32_t i = from; i < batch.count; ++i) {
            const std::int64_t value = batch.value_first.value + i;
            const std::optional<fact::CompactionCause> cause =
                removed_because(keys, value, next(batch.base_offset, i), keeps_tombstones);
            if (cause) {
                note_removed(batch, i, 1, *cause, i > 0 && before == cause);
            } else {
                tombstones = tombstones || is_tombstone(keys, value);
                if (i > 0 && !before)
                    pieces.back().count += 1;
                else
                    pieces.push_back(part_of(batch, i, 1, Remains::piece));
            }
            before = cause;
        }
        if (tombstones && !horizon && order_.abilities.batches_have_horizons) horizon = new_horizon();
        if (!tombstones) horizon.reset();
        keep_pieces(batch, pieces, horizon, into);
    }

    void note_removed(const Batch& batch, std::int32_t at, std::int32_t count, fact::CompactionCause cause,
                      bool goes_on) {
        result.records += count;
        if (goes_on)
            result.removed.back().count += count;
        else
            result.removed.push_back(
                {next(batch.base_offset, at), batch.stream, next(batch.value_first, at), count, cause});
    }

    static Batch part_of(const Batch& batch, std::int32_t from, std::int32_t count, Remains remains) {
        Batch part = batch;
        part.base_offset = next(batch.base_offset, from);
        part.value_first = next(batch.value_first, from);
        if (batch.base_sequence >= 0) part.base_sequence = batch.base_sequence + from;
        part.count = count;
        part.remains = remains;
        return part;
    }

    void keep_pieces(const Batch& batch, std::vector<Batch>& pieces, std::optional<std::int64_t> horizon,
                     Segment& into) {
        if (pieces.size() == 1 && pieces.front().count == batch.count) return keep(batch, horizon, into);
        constexpr std::int64_t header = batch_bytes(0, 0);
        const std::int64_t body = std::max<std::int64_t>(0, batch.bytes - header);
        for (Batch& piece : pieces) {
            piece.bytes = static_cast<std::int32_t>(header + body * piece.count / batch.count);
            keep(piece, horizon, into);
        }
        const Offset kept_end = pieces.empty() ? batch.base_offset : end_offset(pieces.back());
        if (kept_end == end_offset(batch) || !keeps_place(batch)) return;
        const auto from = static_cast<std::int32_t>(distance(batch.base_offset, kept_end));
        Batch rest = part_of(batch, from, batch.count - from, Remains::emptied);
        rest.stream = no_stream;
        rest.value_first = Value{0};
        rest.bytes = static_cast<std::int32_t>(header);
        keep(rest, std::nullopt, into);
    }
};

} // namespace

CleaningResult clean(Log& log, const ProducerStates& producers, const CleaningOrder& order) {
    Pass pass(log, producers, order);
    if (pass.run()) pass.swap_in(log);
    return std::move(pass.result);
}

} // namespace kafka
