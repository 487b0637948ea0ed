#pragma once
// Steps of a reader's work that its files share. Not for callers outside this folder.

#include "models/client/consumer/reader.hpp"

namespace kafka::parts {

inline const ConsumerConfiguration& configured(const Reader& self, const Turn& turn) {
    return turn.configuration.consumer(self.index);
}
ConnectionSettings connection_settings(const Reader& self, const Turn& turn);
ReaderPosition* position_at(Reader& self, PartitionIndex partition);
const MetadataView::PartitionView& leader_view(const Reader& self, PartitionIndex partition);
void reader_pump(Reader& self, Turn& turn);

// --- positions.cpp ---
void ask_positions(Reader& self, Turn& turn);
void on_list_offsets(Reader& self, const ListOffsetsResponse& answer, Turn& turn);
void on_epoch_end(Reader& self, const OffsetsForLeaderEpochResponse& answer, Turn& turn);
void begin_reset(Reader& self, ReaderPosition& position, PositionCause cause, Turn& turn);
/// The reader has met a batch whose CRC is wrong: it goes no further in this partition.
void refuse_corrupt(Reader& self, ReaderPosition& position, const Batch& batch, BrokerSlot from, Turn& turn);

// --- fetching.cpp ---
void send_fetches(Reader& self, Turn& turn);
void on_fetched(Reader& self, BrokerSlot broker, const FetchResponse& response, Turn& turn);

} // namespace kafka::parts
