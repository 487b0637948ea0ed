#include "tools/highwater/verdict/transactions.hpp"

#include <fmt/format.h>

namespace highwater {

using kafka::Json;

Json transactions_of(const Outcome& outcome, std::size_t i) {
    const kafka::TransactionSummary& one = outcome.ledger.transactions.producers[i];
    return {{"begun", one.begun},
            {"committed", one.committed},
            {"aborted", one.aborted},
            {"unknown", one.unknown},
            {"fenced", one.fenced}};
}

Json transaction_totals_of(const Outcome& outcome) {
    const kafka::TransactionTotals& totals = outcome.ledger.transactions.totals;
    return {{"torn", totals.torn},
            {"missing", totals.missing},
            {"aborted_visible", totals.aborted_visible},
            {"hanging", totals.hanging},
            {"open", totals.open}};
}

std::string transactions_text(const Json& verdict) {
    if (!verdict.contains("transactions")) return "";
    std::string out;
    const auto number = [](const Json& value) { return value.get<std::int64_t>(); };
    for (const auto& [name, producer] : verdict["producers"].items()) {
        if (!producer.contains("transactions")) continue;
        const Json& one = producer["transactions"];
        out += fmt::format("  transactions of {}: {} committed, {} aborted, {} with unknown end, fenced {}\n",
                           name, number(one["committed"]), number(one["aborted"]), number(one["unknown"]),
                           number(one["fenced"]));
    }
    const Json& totals = verdict["transactions"];
    out +=
        fmt::format("  to readers: {} torn, {} records missing, {} of aborted ones visible, {} hanging, {} "
                    "open at the end\n",
                    number(totals["torn"]), number(totals["missing"]), number(totals["aborted_visible"]),
                    number(totals["hanging"]), number(totals["open"]));
    return out;
}

} // namespace highwater
