#include "tools/highwater/explain/explanation.hpp"

#include "models/cluster/weather.hpp"
#include "models/scenario/source.hpp"
#include "tools/highwater/explain/price_and_fates.hpp"
#include "tools/highwater/names.hpp"
#include "tools/highwater/study/schedule.hpp"

#include <charconv>
#include <fmt/format.h>

namespace highwater {

namespace {

std::string shown_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::optional<RecordId> of_producer(const std::string& who, std::int64_t number,
                                    const kafka::Configuration& configuration, std::string& problem) {
    const std::size_t slash = who.rfind('/');
    std::vector<std::string> names;
    for (std::size_t s = 0; s < configuration.streams.size(); ++s) {
        const kafka::StreamConfiguration& stream = configuration.streams[s];
        if (stream.producer == kafka::no_producer) continue;
        const kafka::ProducerConfiguration& producer = configuration.producer(stream.producer);
        const kafka::StreamIndex index{static_cast<std::int32_t>(s)};
        const std::string name = record_name(configuration, index, 0);
        const std::string own = name.substr(0, name.rfind(':'));
        names.push_back(own);
        const bool whole = own == who;
        const bool dead_letters = configuration.partition(stream.partition).topic != producer.topic;
        const bool part =
            slash != std::string::npos && who.substr(0, slash) == producer.name &&
            who.substr(slash + 1) == std::to_string(configuration.partition(stream.partition).number);
        if ((whole || part) && !dead_letters) return RecordId{index, number};
    }
    problem = "no producer or partition \"" + who + "\"; there are " + shown_names(names);
    return std::nullopt;
}

} // namespace

std::optional<RecordId> record_named(const std::string& word, const kafka::Configuration& configuration,
                                     const Fates& fates, std::string& problem) {
    const std::size_t colon = word.rfind(':');
    std::int64_t number = -1;
    if (colon != std::string::npos) {
        const char* const end = word.data() + word.size();
        const auto [rest, error] = std::from_chars(word.data() + colon + 1, end, number);
        if (error != std::errc{} || rest != end) number = -1;
    }
    if (number < 0) {
        problem = "expected PRODUCER:NUMBER or PARTITION:OFFSET, such as shop:17 or orders-0:17, got \"" +
                  word + "\"";
        return std::nullopt;
    }
    const std::string who = word.substr(0, colon);
    for (std::size_t p = 0; p < configuration.partitions.size(); ++p) {
        const kafka::PartitionIndex partition{static_cast<std::int32_t>(p)};
        if (configuration.partitions[p].name != who || configuration.is_internal(partition)) continue;
        const auto record = fates.at_offset(partition, number);
        if (!record) problem = fmt::format("no record was ever acknowledged at offset {} of {}", number, who);
        return record;
    }
    const auto record = of_producer(who, number, configuration, problem);
    if (record && !fates.of(*record).sent) {
        problem = fmt::format("record {} was never sent", word);
        return std::nullopt;
    }
    return record;
}

namespace {

void fill_names(Explanation& all, const kafka::Scenario& scenario, const Inquiry& inquiry) {
    all.scenario = scenario.name;
    all.file = inquiry.file;
    all.seed = inquiry.seed;
    all.repeat = inquiry.repeat;
    all.release = std::string(name(scenario.configuration->release));
}

void tell(const Inquiry& inquiry, const char* what) {
    if (inquiry.progress) inquiry.progress(what);
}

/// Runs once more with the biographer, who has to know the record beforehand.
void write_biography(Explanation& all, const Inquiry& inquiry, const Fates& fates) {
    tell(inquiry, "its life");
    Biography biography(*all.configuration, all.record);
    kafka::World world = kafka::make_world(all.configuration, inquiry.seed);
    std::vector<kafka::Observer*> observers{&biography};
    kafka::run(world, observers);
    all.steps = biography.steps();
    all.blame = blame_for(all, biography, fates);
}

} // namespace

Explanation explain(const Inquiry& inquiry, const kafka::Scenario& scenario,
                    const kafka::SettingTables& tables, std::string& problem) {
    Explanation all;
    fill_names(all, scenario, inquiry);
    tell(inquiry, "the run");
    PriceAndFates first(*scenario.configuration);
    Watch watch;
    watch.other = &first;
    const Outcome outcome = run_once(scenario, inquiry.seed, inquiry.repeat, watch);
    all.configuration = outcome.configuration;
    all.figures = figures_of(outcome, first.costs);
    const auto record = inquiry.record.empty()
                            ? first.fates.first_victim()
                            : record_named(inquiry.record, *all.configuration, first.fates, problem);
    if (!record) {
        all.note = "No record was lost, duplicated, skipped or processed twice under this seed.";
        return all;
    }
    all.found = true;
    all.record = *record;
    all.name = record_name(*all.configuration, record->stream, record->value);
    all.partition = all.configuration->partition(all.configuration->stream(record->stream).partition).name;
    all.fate = first.fates.of(*record);
    all.mishap = all.fate.worst();
    all.companions = first.fates.companions(*record, all.mishap);
    write_biography(all, inquiry, first.fates);
    if (all.mishap == Mishap::none) {
        all.note = "Nothing went wrong with this record.";
        return all;
    }
    tell(inquiry, "the point of no return");
    all.point = find_turning_point(all.configuration, inquiry.seed, *record, all.mishap, all.steps);
    tell(inquiry, "other settings");
    Question question;
    question.file = inquiry.file;
    question.text = text_with_drawn_faults(inquiry.text, drawn_faults(scenario, inquiry.seed));
    question.overrides = inquiry.overrides;
    question.preset = inquiry.preset;
    question.seed = inquiry.seed;
    question.record = *record;
    question.ordinal = first.fates.ordinal(*record);
    question.mishap = all.mishap;
    question.fingerprint = outcome.fingerprint;
    question.threads = inquiry.threads;
    all.counterfactuals = counterfactuals_of(question, *all.configuration, tables);
    return all;
}

namespace {

const kafka::ConsumerLoss* loss_of(const Fates& fates, const RecordId& record) {
    for (const kafka::ConsumerLoss& loss : fates.consumption().losses)
        if (loss.stream == record.stream && loss.first <= record.value && record.value < loss.end)
            return &loss;
    return nullptr;
}

Blame blame_for_loss(const Explanation& all, const Biography& biography) {
    const kafka::Configuration& configuration = *all.configuration;
    const kafka::ProducerConfiguration& producer =
        configuration.producer(configuration.stream(all.record.stream).producer);
    if (producer.settings.acks == kafka::Acks::none)
        return {"producer", "acks=0: it was told \"ok\" before anybody had the record."};
    if (producer.settings.acks == kafka::Acks::leader)
        return {"producer", "acks=1: it took the word of one broker for a promise of the cluster."};
    if (biography.unclean_election && !biography.unclean_by_operator && !biography.unclean_enabled)
        return {"operations",
                "Every replica was restarted uncleanly, nobody eligible was left, and the last known leader "
                "led again without what it had not flushed (KIP-966): more failed at once than the "
                "replication factor can make good."};
    if (biography.unclean_election)
        return biography.unclean_by_operator
                   ? Blame{"operations",
                           "An operator asked for an unclean election: a replica without the record "
                           "became leader."}
                   : Blame{"broker",
                           "unclean.leader.election.enable lets a replica lead that has not got the "
                           "record."};
    if (biography.evidence && biography.evidence->in_sync.size() == 1)
        return {"broker", "The in-sync replicas were the leader alone, and min.insync.replicas=1 calls that "
                          "enough for acks=all."};
    if (biography.lossy_failures > 0)
        return {"operations",
                fmt::format("{} replicas lost what they had not flushed: more than the copies that "
                            "min.insync.replicas asks for can make good.",
                            biography.lossy_failures)};
    return {"broker",
            fmt::format("Neither setting nor fault permits this loss: the protocol of release {}, or the "
                        "simulator, is wrong (see guarantees).",
                        all.release)};
}

Blame blame_for_duplicate(const Explanation& all, const Biography& biography) {
    if (biography.resent_by_application)
        return {"application",
                "The code handed the record to send() a second time; no setting of the producer "
                "recognises that."};
    const kafka::ProducerConfiguration& producer =
        all.configuration->producer(all.configuration->stream(all.record.stream).producer);
    if (!producer.settings.enable_idempotence)
        return {"producer", "enable.idempotence=false: a request that was tried again is a new record to the "
                            "broker."};
    return {"producer", "The producer began a new epoch with records whose fate it did not know."};
}

Blame blame_for_reader(const Explanation& all, const Biography& biography, const Fates& fates) {
    const kafka::ConsumerLoss* loss = loss_of(fates, all.record);
    if (loss == nullptr || !loss->polled)
        return {"consumer",
                "A reader's position went past the record without reading it: auto.offset.reset, or "
                "a log that was cut."};
    const bool automatic = biography.passed_by && (*biography.passed_by == kafka::CommitCause::automatic ||
                                                   *biography.passed_by == kafka::CommitCause::on_close);
    if (automatic)
        return {"consumer", "enable.auto.commit=true committed what poll() had handed over and nobody had "
                            "processed."};
    return {"application", "The code committed past the record before it had processed it."};
}

Blame blame_for_second_time(const Explanation& all) {
    for (const kafka::ConsumerConfiguration& consumer : all.configuration->consumers)
        if (consumer.application.offsets == kafka::CommittedOffsets::last_processed)
            return {"application",
                    "The code commits the offset of the last processed record instead of the next."};
    return {"application",
            "It was processed, and its offset was not committed when its partition went to the next "
            "member: at least once. The code's effect has to be idempotent."};
}

} // namespace

Blame blame_for(const Explanation& explanation, const Biography& biography, const Fates& fates) {
    switch (explanation.mishap) {
    case Mishap::lost:
        return blame_for_loss(explanation, biography);
    case Mishap::duplicated:
        return blame_for_duplicate(explanation, biography);
    case Mishap::skipped:
        return blame_for_reader(explanation, biography, fates);
    case Mishap::processed_twice:
        return blame_for_second_time(explanation);
    case Mishap::none:
        break;
    }
    return {};
}

} // namespace highwater
