#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Records of the leader, flushed before the next fetch.
/// Source: KafkaRaftClient.appendAsFollower.
void append_fetched(Controller& self, const MetadataFetchResponse& response, const MetadataRecords& content) {
    Controller::Durable& durable = self.durable;
    if (response.fetch_offset != end_offset(durable.log)) return;
    for (std::size_t i = 0; i < content.records.size(); ++i)
        append(durable.log, content.records[i], content.epochs[i]);
    durable.drained = end_offset(durable.log);
}

/// Source: KafkaRaftClient.handleFetchResponse (divergingEpoch), KafkaMetadataLog.truncateToEndOffset.
void cut_diverging(Controller& self, const MetadataFetchResponse& response, Turn& turn) {
    Controller::Durable& durable = self.durable;
    const MetadataEpochEnd own = end_of_epoch(durable.log, response.diverging_epoch);
    const Offset to = std::max(std::min(response.diverging_end, own.end), durable.log.start);
    SIM_ASSERT(to >= durable.high_watermark, "what is committed is never cut");
    turn.note(fact::MetadataTruncated{self.voter, end_offset(durable.log), to});
    truncate(durable.log, to);
    durable.drained = to;
}

/// Source: KafkaRaftClient.handleFetchSnapshotResponse.
/// Leaves out: its chunks (controller.quorum.fetch.snapshot.max.bytes).
void load_snapshot(Controller& self, const MetadataFetchResponse& response, const MetadataRecords& content,
                   Turn& turn) {
    Controller::Durable& durable = self.durable;
    if (response.fetch_offset <= durable.high_watermark) return;
    durable.committed = empty_image(turn.configuration);
    for (const MetadataRecord& record : content.records)
        apply(durable.committed, record);
    durable.log = MetadataLog{response.fetch_offset, response.diverging_epoch, {}, {}};
    durable.drained = durable.high_watermark = response.fetch_offset;
    durable.snapshot = {response.fetch_offset, response.diverging_epoch, durable.committed};
    turn.note(fact::MetadataSnapshotLoaded{self.voter, response.fetch_offset});
}

void take_content(Controller& self, const MetadataFetchResponse& response, Turn& turn) {
    const MetadataRecords content = turn.slabs().metadata_records.open(response.content);
    if (response.snapshot) return load_snapshot(self, response, content, turn);
    if (response.diverging_end != no_offset) return cut_diverging(self, response, turn);
    append_fetched(self, response, content);
    const Offset known = std::min(response.high_watermark, self.durable.drained);
    if (known > self.durable.high_watermark) move_high_watermark(self, known, turn);
}

} // namespace

/// Source: KafkaRaftClient.handleFetchResponse.
void on_fetched(Controller& self, Voter from, const MetadataFetchResponse& response, Turn& turn) {
    const ElectionState& election = self.durable.election;
    const bool stale = response.epoch < election.epoch || response.error == ErrorCode::unknown_leader_epoch;
    const bool learns = response.epoch > election.epoch || response.error != ErrorCode::none;
    if (stale || learns) {
        turn.release(response);
        if (learns && !stale) learn(self, response.epoch, response.leader, turn);
        return;
    }
    QuorumMemory& quorum = self.memory.quorum;
    if (quorum.role == QuorumRole::follower && from == election.leader) {
        take_content(self, response, turn);
        quorum.has_fetched = true;
        reset_fetch_timer(self, turn);
    }
    turn.release(response);
}

} // namespace kafka::parts
