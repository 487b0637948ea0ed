#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Source: KafkaRaftClient.MAX_FETCH_WAIT_MS, MAX_BATCH_SIZE_BYTES (a bound on records stands for the bytes).
constexpr sim::Duration longest_fetch_wait = sim::milliseconds(500);
constexpr std::int64_t most_records = 2000;

MetadataFetchResponse answer_to(const Controller& self, const MetadataFetchRequest& request) {
    MetadataFetchResponse answer;
    answer.correlation = request.correlation;
    answer.leader = self.durable.election.leader;
    answer.epoch = self.durable.election.epoch;
    answer.fetch_offset = request.fetch_offset;
    answer.high_watermark = self.durable.high_watermark;
    return answer;
}

void send_records(const Controller& self, sim::ConnectionId connection, MetadataFetchResponse answer,
                  Turn& turn) {
    answer.content = turn.slabs().metadata_records.acquire();
    MetadataRecords& content = turn.slabs().metadata_records.open(answer.content);
    const MetadataLog& log = self.durable.log;
    if (answer.snapshot) {
        content.records = describe(self.durable.snapshot.image);
        content.epochs.assign(content.records.size(), self.durable.snapshot.epoch);
    } else if (answer.diverging_end == no_offset) {
        const std::int64_t first = distance(log.start, answer.fetch_offset);
        const std::int64_t count =
            std::min(distance(answer.fetch_offset, self.durable.drained), most_records);
        content.records.assign(log.records.begin() + first, log.records.begin() + first + count);
        content.epochs.assign(log.epochs.begin() + first, log.epochs.begin() + first + count);
    }
    const auto bytes = static_cast<std::int32_t>(80 + 100 * content.records.size());
    turn.send(connection, sim::Side::server, answer, bytes);
}

void refuse(const Controller& self, sim::ConnectionId connection, const MetadataFetchRequest& request,
            ErrorCode error, Turn& turn) {
    MetadataFetchResponse answer = answer_to(self, request);
    answer.error = error;
    turn.send(connection, sim::Side::server, answer, 80);
}

/// Source: KafkaRaftClient.validateLeaderOnlyRequest.
ErrorCode validate_leader_only(const Controller& self, Epoch epoch) {
    if (epoch < self.durable.election.epoch) return ErrorCode::fenced_leader_epoch;
    if (epoch > self.durable.election.epoch) return ErrorCode::unknown_leader_epoch;
    return self.memory.quorum.role == QuorumRole::leader ? ErrorCode::none
                                                         : ErrorCode::not_leader_or_follower;
}

/// Answers a fetch of a leader; false when it has to wait, unless `waited` enough.
/// Source: KafkaRaftClient.tryCompleteFetchRequest, KafkaMetadataLog.validateOffsetAndEpoch.
bool serve(Controller& self, sim::ConnectionId connection, const MetadataFetchRequest& request, bool waited,
           Turn& turn) {
    const Controller::Durable& durable = self.durable;
    MetadataFetchResponse answer = answer_to(self, request);
    const bool empty = request.fetch_offset == Offset{0} && durable.snapshot.end > Offset{0};
    if (empty || request.fetch_offset < durable.log.start) {
        answer.snapshot = true;
        answer.fetch_offset = durable.snapshot.end;
        answer.diverging_epoch = durable.snapshot.epoch;
        send_records(self, connection, answer, turn);
        return true;
    }
    if (!is_alone(turn) && request.fetch_offset > Offset{0}) {
        MetadataEpochEnd known = end_of_epoch(durable.log, request.last_fetched_epoch);
        known.end = std::min(known.end, durable.drained);
        if (known.epoch != request.last_fetched_epoch || known.end < request.fetch_offset) {
            answer.diverging_epoch = known.epoch;
            answer.diverging_end = known.end;
            send_records(self, connection, answer, turn);
            return true;
        }
    }
    if (request.voter != no_voter) note_voter_fetched(self, request.voter, request.fetch_offset, turn);
    const bool tells = dialect_of(self, turn.configuration).metadata_waits_for_high_watermark &&
                       request.high_watermark < durable.high_watermark;
    if (!waited && !tells && request.fetch_offset >= durable.drained) return false;
    answer.high_watermark = durable.high_watermark; // this fetch may have moved it
    send_records(self, connection, answer, turn);
    return true;
}

} // namespace

/// Source: KafkaRaftClient.handleFetchRequest; semantics 4.10.9.
void handle(Controller& self, sim::ConnectionId connection, const MetadataFetchRequest& request, Turn& turn) {
    SIM_ASSERT(request.fetch_offset >= Offset{0}, "a log begins at offset 0");
    if (!is_alone(turn)) {
        const ErrorCode error = validate_leader_only(self, request.current_epoch);
        if (error != ErrorCode::none) return refuse(self, connection, request, error, turn);
    }
    const Offset before = self.durable.high_watermark;
    const bool served = serve(self, connection, request, false, turn);
    if (self.durable.high_watermark != before) complete_fetches(self, turn);
    if (served) return;
    const auto same = [&](const ParkedFetch& fetch) { return fetch.connection == connection; };
    const auto older = std::find_if(self.memory.parked.begin(), self.memory.parked.end(), same);
    if (older != self.memory.parked.end()) {
        turn.cancel(older->timer);
        self.memory.parked.erase(older);
        turn.ignore("a later fetch came on the same connection");
    }
    ParkedFetch fetch{connection, request, ++self.memory.fetch_round, {}};
    fetch.timer = turn.after(longest_fetch_wait, timer(ControllerTimer::fetch_expired, fetch.round));
    self.memory.parked.push_back(fetch);
}

/// Serves what waits for records, or for the high watermark. Serving a voter may move the high watermark,
/// which others wait for: until nothing changes.
void complete_fetches(Controller& self, Turn& turn) {
    for (std::size_t bound = 0; bound <= turn.configuration.controllers.size(); ++bound) {
        const Offset before = self.durable.high_watermark;
        std::vector<ParkedFetch> parked;
        parked.swap(self.memory.parked);
        for (const ParkedFetch& fetch : parked)
            if (serve(self, fetch.connection, fetch.request, false, turn))
                turn.cancel(fetch.timer);
            else
                self.memory.parked.push_back(fetch);
        if (self.durable.high_watermark == before) return;
    }
}

void expire_fetch(Controller& self, std::uint32_t round, Turn& turn) {
    std::vector<ParkedFetch>& parked = self.memory.parked;
    const auto at = std::find_if(parked.begin(), parked.end(),
                                 [&](const ParkedFetch& fetch) { return fetch.round == round; });
    if (at == parked.end()) return turn.ignore("metadata fetch answered already");
    const ParkedFetch fetch = *at;
    parked.erase(at);
    serve(self, fetch.connection, fetch.request, true, turn);
}

/// Source: KafkaRaftClient.onBecomeFollower, transitionToResigned (the fetch purgatory is emptied).
void refuse_fetches(Controller& self, Turn& turn) {
    std::vector<ParkedFetch> parked;
    parked.swap(self.memory.parked);
    for (const ParkedFetch& fetch : parked) {
        turn.cancel(fetch.timer);
        refuse(self, fetch.connection, fetch.request, ErrorCode::not_leader_or_follower, turn);
    }
}

} // namespace kafka::parts
