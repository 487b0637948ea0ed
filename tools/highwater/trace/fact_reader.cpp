#include "tools/highwater/trace/fact_reader.hpp"

namespace highwater {

using namespace kafka;

std::optional<Fact> FactReader::of_client(const std::string& kind) {
    if (kind == "RecordsSent") {
        fact::RecordsSent f;
        records(f);
        return f;
    }
    if (kind == "ProduceSent") {
        fact::ProduceSent f;
        f.producer = producer();
        f.broker = broker("broker");
        records(f);
        f.attempt = number<std::int32_t>("attempt");
        f.base_sequence = number<std::int32_t>("base_sequence");
        f.producer_epoch = number<std::int16_t>("producer_epoch");
        return f;
    }
    if (kind == "RecordsAcknowledged") {
        fact::RecordsAcknowledged f;
        records(f);
        f.base_offset = offset("base_offset");
        f.created = sim::SimTime{number<std::int64_t>("created_us")};
        return f;
    }
    if (kind == "RecordsResent") {
        fact::RecordsResent f;
        records(f);
        f.resend = number<std::uint8_t>("resend");
        f.life = number<std::uint8_t>("life");
        return f;
    }
    if (kind == "RecordsFailed") {
        fact::RecordsFailed f;
        records(f);
        f.failure = failure();
        return f;
    }
    if (kind == "ProduceRetried") {
        fact::ProduceRetried f;
        records(f, "from");
        f.error = error();
        return f;
    }
    if (kind == "ProducerEpochBumped")
        return fact::ProducerEpochBumped{producer(), number<std::int16_t>("producer_epoch")};
    if (kind == "ClientMetadataUpdated")
        return fact::ClientMetadataUpdated{producer(), partition(), broker("leader"), epoch("leader_epoch")};
    if (kind == "Delivered") {
        fact::Delivered f;
        f.consumer = consumer();
        f.partition = partition();
        f.base_offset = offset("base_offset");
        records(f);
        f.leader_epoch = epoch("leader_epoch");
        f.from = broker("from");
        return f;
    }
    if (kind == "ConsumerPositioned")
        return fact::ConsumerPositioned{consumer(), partition(), offset("offset"),
                                        word<PositionCause>("cause", words::position_causes)};
    return std::nullopt;
}

std::optional<Fact> FactReader::of_application(const std::string& kind) {
    if (kind == "ApplicationReacted") {
        fact::ApplicationReacted f;
        records(f);
        f.reaction = word<ErrorReaction>("reaction", words::error_reactions);
        f.failure = failure();
        f.thrown = flag("thrown");
        return f;
    }
    if (kind == "SendBlocked") {
        fact::SendBlocked f;
        f.producer = producer();
        f.for_metadata = text("waits_for") == "metadata";
        return f;
    }
    if (kind == "SendUnblocked") {
        fact::SendUnblocked f;
        f.producer = producer();
        f.waited = sim::Duration{number<std::int64_t>("waited_us")};
        f.gave_up = flag("gave_up");
        return f;
    }
    if (kind == "ProducerEnded") {
        fact::ProducerEnded f;
        f.producer = producer();
        f.end = word<fact::ProducerEnd>("end", words::producer_ends);
        f.unsent = number<std::int64_t>("unsent");
        f.in_flight = number<std::int64_t>("in_flight");
        return f;
    }
    return std::nullopt;
}

std::optional<Fact> FactReader::of_replica(const std::string& kind) {
    const auto stored = [&](auto f) {
        f.broker = broker("broker");
        f.partition = partition();
        f.base_offset = offset("base_offset");
        records(f);
        return f;
    };
    if (kind == "BatchAppended") {
        fact::BatchAppended f = stored(fact::BatchAppended{});
        f.leader_epoch = epoch("leader_epoch");
        f.as_leader = leads();
        return f;
    }
    if (kind == "BatchRemoved") {
        fact::BatchRemoved f = stored(fact::BatchRemoved{});
        f.leader_epoch = epoch("leader_epoch");
        f.cause = word<RemovalCause>("cause", words::removal_causes);
        return f;
    }
    if (kind == "DuplicateDetected") return stored(fact::DuplicateDetected{});
    if (kind == "ProduceAnswered") {
        fact::ProduceAnswered f = stored(fact::ProduceAnswered{});
        f.error = error();
        f.acks = number<std::int8_t>("acks");
        f.in_sync = set("in_sync");
        return f;
    }
    if (kind == "LogTruncated")
        return fact::LogTruncated{broker("broker"),
                                  partition(),
                                  offset("from"),
                                  offset("to"),
                                  word<RemovalCause>("cause", words::removal_causes),
                                  no_epoch};
    if (kind == "HighWatermarkMoved")
        return fact::HighWatermarkMoved{broker("broker"), partition(), offset("high_watermark"),
                                        epoch("leader_epoch"), leads()};
    if (kind == "FetchServed")
        return fact::FetchServed{
            broker("broker"),         partition(), broker("follower"), offset("fetch_offset"), offset("end"),
            offset("high_watermark"), error()};
    return std::nullopt;
}

std::optional<Fact> FactReader::of_role(const std::string& kind) {
    if (kind == "BecameLeader")
        return fact::BecameLeader{broker("broker"),
                                  partition(),
                                  epoch("leader_epoch"),
                                  PartitionEpoch{number<std::int32_t>("partition_epoch")},
                                  set("isr"),
                                  offset("high_watermark"),
                                  offset("log_end_offset")};
    if (kind == "BecameFollower")
        return fact::BecameFollower{broker("broker"),         partition(),
                                    epoch("leader_epoch"),    broker("leader"),
                                    offset("high_watermark"), offset("log_end_offset")};
    if (kind == "IsrProposed")
        return fact::IsrProposed{broker("broker"), partition(), epoch("leader_epoch"), set("isr"),
                                 set("proposed")};
    return std::nullopt;
}

std::optional<Fact> FactReader::of_control(const std::string& kind) {
    if (kind == "PartitionChanged")
        return fact::PartitionChanged{partition(),
                                      broker("leader"),
                                      epoch("leader_epoch"),
                                      PartitionEpoch{number<std::int32_t>("partition_epoch")},
                                      set("isr"),
                                      set("elr"),
                                      set("last_known_elr"),
                                      word<ChangeCause>("cause", words::change_causes),
                                      flag("unclean")};
    if (kind == "BrokerChanged")
        return fact::BrokerChanged{broker("broker"), word<BrokerEvent>("event", words::broker_events),
                                   BrokerEpoch{number<std::int64_t>("broker_epoch")}};
    if (kind == "MetadataApplied") return fact::MetadataApplied{broker("broker"), offset("offset")};
    if (kind == "ConfigChanged") return fact::ConfigChanged{fault()};
    if (kind == "FaultHappened") {
        const std::int32_t place = fault();
        return fact::FaultHappened{place, target(), PartitionIndex{-1}, flag("undone")};
    }
    if (kind == "FaultMissed") return fact::FaultMissed{fault()};
    if (kind == "Ignored") {
        trace.texts.push_back(text("reason"));
        return fact::Ignored{trace.texts.back().c_str()};
    }
    return std::nullopt;
}

} // namespace highwater
