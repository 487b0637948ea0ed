#include "tests/bench/clusters.hpp"

#include "models/vocabulary/batch.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace bench {

kafka::Scenario scenario_of(const std::string& text) {
    const kafka::SettingTables tables;
    kafka::ReadResult result = read_scenario(text, "bench", {}, tables);
    for (const kafka::InputProblem& problem : result.problems)
        fmt::print(stderr, "{}\n", format(problem));
    if (!result.scenario) std::exit(2);
    return std::move(*result.scenario);
}

kafka::Scenario shipped_scenario(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(std::string(HIGHWATER_SOURCE_DIR) + "/scenarios/" + path).rdbuf();
    return scenario_of(text.str());
}

kafka::Scenario busy_cluster(std::int64_t batches, std::int64_t records, std::int64_t size) {
    constexpr std::int64_t topics = 3;
    constexpr std::int64_t batches_per_second = 500;
    const std::int64_t batch_size = kafka::batch_bytes(records, size);
    std::string topic_lines;
    std::string producer_lines;
    for (std::int64_t i = 0; i < topics; ++i) {
        const char* comma = i == 0 ? "" : ",";
        topic_lines +=
            fmt::format(R"({}{{"name":"t{}","assignment":[[{},{},{}]],"config":{{"min.insync.replicas":2,)"
                        R"("max.message.bytes":2000000}}}})",
                        comma, i, i + 1, (i + 1) % topics + 1, (i + 2) % topics + 1);
        producer_lines += fmt::format(
            R"({}{{"name":"p{}","topic":"t{}","records":{{"count":{},"rate":{},"size":{}}},)"
            R"("config":{{"acks":"all","batch.size":{},"linger.ms":1000,"max.request.size":2000000}}}})",
            comma, i, i, batches / topics * records, batches_per_second * records, size, batch_size);
    }
    return scenario_of(fmt::format(R"({{"name":"busy","brokers":[{{"id":1}},{{"id":2}},{{"id":3}}],)"
                                   R"("topics":[{}],"producers":[{}]}})",
                                   topic_lines, producer_lines));
}

} // namespace bench
