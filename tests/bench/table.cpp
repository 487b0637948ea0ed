// The program: measures everything, interleaved, and prints the table of ratios.

#include "tests/bench/table.hpp"

#include "tests/bench/model.hpp"
#include "tests/bench/queue.hpp"
#include "tests/bench/sweep.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstring>
#include <fmt/format.h>
#include <iostream>

namespace bench {

namespace {

int missed = 0;

/// Takes the repetitions one by one and keeps the figures; prints a dot for each.
class Collector : public benchmark::BenchmarkReporter {
  public:
    explicit Collector(Figures& figures) : figures_(figures) {}
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
            const auto iterations = static_cast<double>(run.iterations);
            Figures::Run figure{
                run.cpu_accumulated_time / iterations, run.real_accumulated_time / iterations, {}};
            for (const auto& [name, counter] : run.counters)
                figure.counters[name] = counter.value;
            figures_.add(run.run_name.function_name, figure);
        }
    }

  private:
    Figures& figures_;
};

} // namespace

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double Figures::cpu(const std::string& name) const {
    std::vector<double> values;
    for (const Run& run : runs_.at(name))
        values.push_back(run.cpu);
    return median(values);
}
double Figures::wall(const std::string& name) const {
    std::vector<double> values;
    for (const Run& run : runs_.at(name))
        values.push_back(run.wall);
    return median(values);
}
double Figures::counter(const std::string& name, const std::string& counter) const {
    std::vector<double> values;
    for (const Run& run : runs_.at(name))
        values.push_back(run.counters.at(counter));
    return median(values);
}

void row(const std::string& what, const std::string& figure, const std::string& goal, bool met) {
    if (goal.empty()) {
        fmt::print("{:<44} {:>30}\n", what, figure);
        return;
    }
    fmt::print("{:<44} {:>30}   goal {:<22} {}\n", what, figure, goal, met ? "met" : "MISSED");
    missed += met ? 0 : 1;
}
int goals_missed() { return missed; }

} // namespace bench

/// `--moment`: a short run that only shows that everything works; its figures mean nothing.
/// Other arguments are Google Benchmark's own, such as --benchmark_filter=hold.
int main(int count, char** given) {
    std::vector<char*> arguments(given, given + count);
    const auto asked = std::find_if(arguments.begin(), arguments.end(),
                                    [](const char* word) { return std::strcmp(word, "--moment") == 0; });
    const bool moment = asked != arguments.end();
    if (moment) arguments.erase(asked);
    std::string interleaved = "--benchmark_enable_random_interleaving=true";
    std::string repetitions = moment ? "--benchmark_repetitions=1" : "--benchmark_repetitions=9";
    std::string least_time = moment ? "--benchmark_min_time=0.001" : "--benchmark_min_time=0.05";
    arguments.insert(arguments.begin() + 1, {interleaved.data(), repetitions.data(), least_time.data()});
    int left = static_cast<int>(arguments.size());
    benchmark::Initialize(&left, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(left, arguments.data())) return 2;

    if (!bench::queues_agree()) {
        std::cerr << "the queues disagree about the order of events\n";
        return 1;
    }
    bench::add_queues();
    bench::add_models(moment);
    bench::add_sweep(moment);
    bench::Figures figures;
    bench::Collector collector(figures);
    benchmark::RunSpecifiedBenchmarks(&collector);
    fmt::print("Medians of {} interleaved runs; CPU time unless said otherwise. All queues pop in the same "
               "order.\n",
               moment ? 1 : 9);
    bench::tell_queues(figures);
    bench::tell_models(figures);
    bench::tell_sweep(figures);
    fmt::print("{} goals missed\n", bench::goals_missed());
    return 0;
}
