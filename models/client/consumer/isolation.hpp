#pragma once
// Which of the batches that a fetch brought an application gets to see.

#include "models/settings/settings.hpp"
#include "models/turn/messages/fetch.hpp"

#include <vector>

namespace kafka {

/// For each batch of `entry`, in order: whether it is passed over. Control batches always are; with
/// read_committed also those of transactions that the answer calls aborted, up to their markers. Pure.
/// Source: CompletedFetch.nextFetchedRecord, consumeAbortedTransactionsUpTo, isBatchAborted;
/// semantics 6.8.11.
std::vector<bool> passed_over(const FetchAnswer::Entry& entry, const FetchAnswer& answer,
                              IsolationLevel isolation);

} // namespace kafka
