// Results that an application keeps in a store of its own, apart from the offsets or together with them.

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

OffsetContent::Entry* stored_entry(Reader& self, PartitionIndex partition) {
    for (OffsetContent::Entry& entry : self.thread.stored)
        if (entry.partition == partition) return &entry;
    return nullptr;
}

/// One transaction of the database: results and the next offset, if nobody else has written meanwhile. Such a
/// condition keeps out a member that has lost its partition and does not know it yet.
bool write_together(Reader& self, const UnwrittenState& run, Turn& turn) {
    Offset& stored = turn.stored(configured(self, turn).group, run.partition);
    OffsetContent::Entry* known = stored_entry(self, run.partition);
    if (known == nullptr || known->offset != stored) return false;
    stored = run.to;
    known->offset = run.to;
    return true;
}

} // namespace

void keep_state(Reader& self, Turn& turn) {
    if (application_of(self, turn).state == StateStore::none) return;
    Consuming& thread = self.thread;
    const PolledRecords& piece = thread.batch[thread.at];
    const Offset from = next(piece.base_offset, thread.record);
    const Offset to = next(from, thread.taking);
    for (UnwrittenState& run : thread.unwritten)
        if (run.partition == piece.partition && run.to == from) {
            run.to = to;
            if (application_of(self, turn).state_each_record) write_state(self, turn);
            return;
        }
    thread.unwritten.push_back({piece.partition, from, to});
    if (application_of(self, turn).state_each_record) write_state(self, turn);
}

void write_state(Reader& self, Turn& turn) {
    const bool together = application_of(self, turn).state == StateStore::together;
    for (const UnwrittenState& run : self.thread.unwritten) {
        const bool refused = together && !write_together(self, run, turn);
        turn.note(fact::StateWritten{self.index, run.partition, run.from, run.to, refused});
    }
    self.thread.unwritten.clear();
}

/// Source: the pattern "storing offsets outside Kafka" of KafkaConsumer's documentation: enable.auto.commit
/// false, seek() in onPartitionsAssigned. Without a stored offset auto.offset.reset decides.
void seek_stored(Reader& self, Turn& turn) {
    if (application_of(self, turn).state != StateStore::together) return;
    for (ReaderPosition& position : self.positions) {
        if (position.phase != PositionPhase::needs_committed) continue;
        const Offset stored = turn.stored(configured(self, turn).group, position.partition);
        OffsetContent::Entry* known = stored_entry(self, position.partition);
        if (known == nullptr) {
            self.thread.stored.push_back({position.partition, stored, no_epoch});
        } else {
            known->offset = stored;
        }
        std::erase_if(self.thread.unwritten,
                      [&](const UnwrittenState& run) { return run.partition == position.partition; });
        if (stored == no_offset) {
            begin_reset(self, position, PositionCause::start, turn);
            continue;
        }
        position.offset = stored;
        position.offset_epoch = no_epoch;
        position.validated_epoch = no_epoch;
        position.phase = PositionPhase::fetching;
        turn.note(fact::ConsumerPositioned{self.index, position.partition, stored, PositionCause::stored});
    }
}

} // namespace kafka::parts
