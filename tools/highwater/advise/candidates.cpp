#include "tools/highwater/advise/candidates.hpp"

#include "tools/highwater/study/schedule.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

/// What one question may be answered with: each answer is a list of changes; the first changes nothing.
using Answers = std::vector<std::vector<Change>>;

bool has_groups(const kafka::Configuration& configuration) {
    return std::any_of(configuration.consumers.begin(), configuration.consumers.end(),
                       [](const auto& consumer) { return consumer.group != kafka::no_group; });
}

int user_factor(const kafka::Configuration& configuration) {
    int most = 1;
    for (const kafka::TopicConfiguration& topic : configuration.topics)
        if (topic.purpose == kafka::TopicPurpose::user)
            most = std::max(most, static_cast<int>(topic.replication_factor));
    return most;
}

bool may_lose_power(const kafka::Configuration& configuration, const Hardship& hardship) {
    const auto lossy = [](const kafka::Fault& fault) { return fault.kind == kafka::FaultKind::power_loss; };
    return !hardship.word.empty() ||
           std::any_of(configuration.faults.begin(), configuration.faults.end(), lossy) ||
           std::any_of(configuration.weather.begin(), configuration.weather.end(),
                       [&](const kafka::WeatherFamily& family) { return lossy(family.fault); });
}

std::vector<Answers> questions(const kafka::Configuration& configuration, const Hardship& hardship,
                               const Asks& asks) {
    std::vector<Answers> all;
    const int brokers = static_cast<int>(configuration.brokers.size());
    const int factor = user_factor(configuration);
    Answers copies{{}};
    if (factor < std::min(3, brokers))
        copies.push_back({{"replication.factor", std::to_string(std::min(3, brokers))}});
    all.push_back(copies);
    Answers promises{{}, {{"acks", "1"}, {"enable.idempotence", "false"}}};
    for (int replicas = 1; replicas <= std::max(factor, std::min(3, brokers)); ++replicas)
        for (const char* idempotence : {"false", "true"})
            promises.push_back({{"acks", "all"},
                                {"enable.idempotence", idempotence},
                                {"min.insync.replicas", std::to_string(replicas)}});
    all.push_back(promises);
    Answers elections{{}, {{"unclean.leader.election.enable", "false"}}};
    if (asks.availability) elections.push_back({{"unclean.leader.election.enable", "true"}});
    all.push_back(elections);
    if (has_groups(configuration))
        all.push_back({{},
                       {{"enable.auto.commit", "false"}, {"application.commit", "after-processing"}},
                       {{"enable.auto.commit", "false"},
                        {"application.commit", "after-processing"},
                        {"application.sink", "idempotent"},
                        {"auto.offset.reset", "earliest"}}});
    if (may_lose_power(configuration, hardship)) all.push_back({{}, {{"flush.messages", "1"}}});
    if (asks.latency) all.push_back({{}, {{"linger.ms", "0"}}});
    return all;
}

std::vector<std::vector<Change>> combinations(const std::vector<Answers>& all) {
    std::vector<std::vector<Change>> lists{{}};
    for (const Answers& answers : all) {
        std::vector<std::vector<Change>> more;
        for (const std::vector<Change>& list : lists)
            for (const std::vector<Change>& answer : answers) {
                more.push_back(list);
                more.back().insert(more.back().end(), answer.begin(), answer.end());
            }
        lists = std::move(more);
    }
    return lists;
}

/// What the settings in force cost, the most important first.
std::vector<std::int64_t> dearness(const Candidate& candidate) {
    const kafka::Configuration& configuration = *candidate.scenarios.front().configuration;
    std::int64_t min_isr = 1;
    std::int64_t unclean = 0;
    std::int64_t flushed = 0;
    for (const kafka::TopicConfiguration& topic : configuration.topics) {
        if (topic.purpose != kafka::TopicPurpose::user) continue;
        min_isr = std::max(min_isr, std::int64_t{topic.settings.min_insync_replicas});
        unclean += topic.settings.unclean_leader_election_enable ? 1 : 0;
        flushed += topic.settings.flush_messages == 1 ? 1 : 0;
    }
    std::int64_t asks = 0;
    std::int64_t idempotent = 0;
    for (const kafka::ProducerConfiguration& producer : configuration.producers) {
        const kafka::Acks acks = producer.settings.acks;
        asks += acks == kafka::Acks::none ? 0 : acks == kafka::Acks::leader ? 1 : 2;
        idempotent += producer.settings.enable_idempotence ? 1 : 0;
    }
    const auto code = static_cast<std::int64_t>(
        std::count_if(candidate.changes.begin(), candidate.changes.end(),
                      [](const Change& change) { return change.key.rfind("application.", 0) == 0; }));
    return {user_factor(configuration),
            flushed,
            asks,
            min_isr,
            unclean,
            idempotent,
            code,
            candidate.preset == nullptr ? 0 : 1,
            static_cast<std::int64_t>(candidate.changes.size())};
}

bool all_idempotent(const kafka::Configuration& configuration) {
    return std::all_of(configuration.consumers.begin(), configuration.consumers.end(),
                       [](const auto& consumer) {
                           return consumer.group == kafka::no_group || consumer.application.idempotent_sink;
                       });
}

std::string with_fault(const std::string& text, const kafka::Json& fault) {
    if (fault.is_null()) return text;
    kafka::Json scenario = kafka::Json::parse(text, nullptr, true, true);
    if (!scenario.contains("faults")) scenario["faults"] = kafka::Json::array();
    scenario["faults"].push_back(fault);
    return scenario.dump(1);
}

std::string candidate_name(const Candidate& candidate) {
    std::string name = candidate.preset == nullptr ? "" : "preset " + candidate.preset->name;
    for (const Change& change : candidate.changes)
        name += (name.empty() ? "" : " ") + change.text();
    return name.empty() ? "as it is" : name;
}

} // namespace

Hardship hardship_of(const std::string& word, const kafka::Configuration& configuration,
                     std::string& problem) {
    Hardship hardship;
    hardship.word = word;
    if (word.empty()) hardship.targets.emplace_back();
    for (const kafka::BrokerConfiguration& broker : configuration.brokers) {
        const std::string target =
            word == "one-zone" ? "rack " + broker.rack : fmt::format("broker {}", broker.id.value);
        const bool known =
            std::find(hardship.targets.begin(), hardship.targets.end(), target) != hardship.targets.end();
        if (!word.empty() && !known && (word != "one-zone" || !broker.rack.empty()))
            hardship.targets.push_back(target);
    }
    if (word == "one-zone" && hardship.targets.size() < 2)
        problem = "the scenario's brokers stand in fewer than two racks; give them a \"rack\", or ask "
                  "--under one-broker";
    return hardship;
}

kafka::Json Hardship::fault(const kafka::Configuration& configuration, std::size_t turn) const {
    if (word.empty()) return nullptr;
    sim::SimTime from{9223372036854775807};
    sim::SimTime to;
    for (const kafka::ProducerConfiguration& producer : configuration.producers)
        for (const kafka::LoadSegment& segment : producer.load) {
            from = std::min(from, segment.start);
            const sim::Duration length{segment.rate == 0 ? 0 : segment.count * 1000000 / segment.rate};
            to = std::max(to, segment.start + length);
        }
    if (from > to) from = to; // nobody sends
    // It begins within the load, and early enough that there is time left to come back and catch up.
    sim::Duration shortest = sim::seconds(10);
    sim::Duration longest = sim::seconds(30);
    if (configuration.until) {
        const sim::Duration third{std::max<std::int64_t>(1, (*configuration.until - from).micros / 3)};
        to = std::min(to, from + third);
        longest = std::min(longest, third);
        shortest = std::min(shortest, longest);
    }
    const auto exact = [](std::int64_t micros) { return std::to_string(micros) + "us"; };
    return {{"name", "advised under " + word},
            {"at", {{"from", exact(from.micros)}, {"to", exact(to.micros)}}},
            {"do", "power_loss"},
            {"target", targets[turn]},
            {"for", {{"from", exact(shortest.micros)}, {"to", exact(longest.micros)}}}};
}

std::vector<Candidate> candidates_for(const std::string& text, const std::string& file,
                                      const std::vector<kafka::Override>& overrides,
                                      const std::vector<kafka::Preset>& presets, const Hardship& hardship,
                                      const Asks& asks, const kafka::SettingTables& tables) {
    std::vector<Candidate> all;
    const kafka::ReadResult own = read_scenario(text, file, overrides, tables);
    if (!own.scenario) return all;
    const kafka::Configuration& configuration = *own.scenario->configuration;
    std::vector<std::string> texts;
    for (std::size_t turn = 0; turn < hardship.targets.size(); ++turn)
        texts.push_back(with_fault(text, hardship.fault(configuration, turn)));
    const auto add = [&](Candidate candidate) {
        std::vector<kafka::Override> stronger;
        for (const Change& change : candidate.changes)
            stronger.push_back({change.key, change.value});
        stronger.insert(stronger.end(), overrides.begin(), overrides.end());
        for (const std::string& one : texts) {
            kafka::ReadResult read = read_scenario(text_with_changes(one, candidate.changes), file, stronger,
                                                   tables, candidate.preset);
            if (!read.scenario) return;
            candidate.scenarios.push_back(std::move(*read.scenario));
        }
        candidate.name = candidate_name(candidate);
        candidate.effects_are_idempotent = all_idempotent(*candidate.scenarios.front().configuration);
        all.push_back(std::move(candidate));
    };
    for (std::vector<Change>& changes : combinations(questions(configuration, hardship, asks)))
        add({"", nullptr, std::move(changes), {}, false});
    for (const kafka::Preset& preset : presets)
        add({"", &preset, {}, {}, false});
    std::stable_sort(all.begin(), all.end(),
                     [](const Candidate& a, const Candidate& b) { return dearness(a) < dearness(b); });
    return all;
}

} // namespace highwater
