// Which settings are tried: a list kept by hand, filtered by what the scenario uses.

#include "tools/highwater/explain/counterfactuals.hpp"

#include <algorithm>

namespace highwater {

namespace {

constexpr std::int64_t no_limit = 2147483647;

bool loses_power(const kafka::Configuration& configuration) {
    const auto lossy = [](const kafka::Fault& fault) { return fault.kind == kafka::FaultKind::power_loss; };
    return std::any_of(configuration.faults.begin(), configuration.faults.end(), lossy) ||
           std::any_of(configuration.weather.begin(), configuration.weather.end(),
                       [&](const kafka::WeatherFamily& family) { return lossy(family.fault); });
}

/// Collects changes that differ from what is in force somewhere.
class List {
  public:
    void add(bool differs, const char* key, const std::string& value) {
        if (differs) changes.push_back({key, value});
    }
    std::vector<Change> changes;
};

void add_producers(List& list, const kafka::Configuration& configuration) {
    const auto any = [&](const auto& differs) {
        return std::any_of(
            configuration.producers.begin(), configuration.producers.end(),
            [&](const kafka::ProducerConfiguration& producer) { return differs(producer.settings); });
    };
    using Settings = kafka::ProducerSettings;
    list.add(any([](const Settings& s) { return s.acks != kafka::Acks::all; }), "acks", "all");
    list.add(any([](const Settings& s) { return s.acks == kafka::Acks::none; }), "acks", "1");
    list.add(any([](const Settings& s) { return !s.enable_idempotence; }), "enable.idempotence", "true");
    list.add(any([](const Settings& s) { return s.retries < no_limit; }), "retries",
             std::to_string(no_limit));
    list.add(any([](const Settings& s) {
                 return !s.expire_by_request_timeout && s.delivery_timeout < sim::seconds(600);
             }),
             "delivery.timeout.ms", "600000");
    list.add(any([](const Settings& s) { return s.max_in_flight_requests_per_connection > 1; }),
             "max.in.flight.requests.per.connection", "1");
    list.add(any([](const Settings& s) { return s.linger > sim::Duration{0}; }), "linger.ms", "0");
}

void add_topics(List& list, const kafka::Configuration& configuration) {
    int most = 1;
    int least_isr = 1000;
    int least_factor = 1000;
    bool unclean = false;
    bool unflushed = false;
    for (const kafka::TopicConfiguration& topic : configuration.topics) {
        if (topic.purpose != kafka::TopicPurpose::user) continue;
        most = std::max(most, static_cast<int>(topic.replication_factor));
        least_factor = std::min(least_factor, static_cast<int>(topic.replication_factor));
        least_isr = std::min(least_isr, static_cast<int>(topic.settings.min_insync_replicas));
        unclean = unclean || topic.settings.unclean_leader_election_enable;
        unflushed = unflushed || topic.settings.flush_messages > 1;
    }
    const int brokers = static_cast<int>(configuration.brokers.size());
    list.add(least_factor < std::min(3, brokers), "replication.factor", std::to_string(std::min(3, brokers)));
    for (int replicas = 2; replicas <= most; ++replicas)
        list.add(least_isr < replicas, "min.insync.replicas", std::to_string(replicas));
    // An operator may switch it on while the cluster runs.
    const bool set =
        std::any_of(configuration.faults.begin(), configuration.faults.end(), [](const auto& fault) {
            return std::any_of(fault.topic_settings.begin(), fault.topic_settings.end(),
                               [](const auto& one) { return one.second.unclean_leader_election_enable; });
        });
    list.add(unclean || set, "unclean.leader.election.enable", "false");
    list.add(unflushed && loses_power(configuration), "flush.messages", "1");
    const bool slow =
        std::any_of(configuration.brokers.begin(), configuration.brokers.end(), [](const auto& broker) {
            return broker.settings.replica_lag_time_max > sim::seconds(5);
        });
    list.add(slow, "replica.lag.time.max.ms", "5000");
    list.add(configuration.release != kafka::newest_release, "release",
             std::string(name(kafka::newest_release)));
}

void add_readers(List& list, const kafka::Configuration& configuration) {
    const auto any = [&](const auto& differs) {
        return std::any_of(configuration.consumers.begin(), configuration.consumers.end(), differs);
    };
    using Consumer = kafka::ConsumerConfiguration;
    list.add(any([](const Consumer& c) {
                 return c.settings.auto_offset_reset != kafka::AutoOffsetReset::earliest;
             }),
             "auto.offset.reset", "earliest");
    const auto member = [](const Consumer& c) { return c.group != kafka::no_group; };
    list.add(any([&](const Consumer& c) { return member(c) && c.settings.member.enable_auto_commit; }),
             "enable.auto.commit", "false");
    list.add(any([&](const Consumer& c) {
                 return member(c) &&
                        c.settings.member.isolation_level == kafka::IsolationLevel::read_uncommitted;
             }) &&
                 !configuration.transactional_ids.empty(),
             "isolation.level", "read_committed");
    list.add(any([&](const Consumer& c) {
                 return member(c) && c.application.commit != kafka::CommitStyle::after_processing;
             }),
             "application.commit", "after-processing");
    list.add(any([&](const Consumer& c) { return member(c); }), "application.commit_every", "record");
    list.add(any([&](const Consumer& c) {
                 return member(c) && c.application.offsets == kafka::CommittedOffsets::last_processed;
             }),
             "application.commit_offsets", "processed");
    list.add(any([&](const Consumer& c) {
                 return member(c) && c.application.on_revoke == kafka::RevokeStyle::nothing;
             }),
             "application.on_revoke", "commit");
    list.add(any([&](const Consumer& c) { return member(c) && !c.application.idempotent_sink; }),
             "application.sink", "idempotent");
}

void add_applications(List& list, const kafka::Configuration& configuration) {
    const auto any = [&](const auto& differs) {
        return std::any_of(
            configuration.producers.begin(), configuration.producers.end(),
            [&](const kafka::ProducerConfiguration& producer) { return differs(producer.application); });
    };
    using Code = kafka::ProducerApplication;
    list.add(any([](const Code& c) { return c.send != kafka::SendStyle::sync; }), "application.send", "sync");
    list.add(any([](const Code& c) {
                 return c.on_error != kafka::ErrorReaction::retry &&
                        c.send != kafka::SendStyle::fire_and_forget;
             }),
             "application.on_error", "retry");
    list.add(any([](const Code& c) { return c.on_error == kafka::ErrorReaction::retry; }),
             "application.on_error", "log");
    list.add(any([](const Code& c) { return c.restart == kafka::RestartStyle::resend; }),
             "application.restart", "continue");
    list.add(any([](const Code& c) { return c.close == kafka::CloseStyle::exit; }), "application.close",
             "flush");
}

} // namespace

std::vector<Change> changes_for(const kafka::Configuration& configuration) {
    List list;
    add_producers(list, configuration);
    add_topics(list, configuration);
    add_readers(list, configuration);
    add_applications(list, configuration);
    return list.changes;
}

} // namespace highwater
