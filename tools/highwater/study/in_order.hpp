#pragma once
// Work that is done by several threads and told in the order of its numbers.

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace highwater {

/// Does `work(i)` for i in [0, count) on `threads` threads and hands each result to `tell(i, result)` on the
/// calling thread, in the order of i: whatever `tell` writes is the same for any number of threads.
/// Once `stop` says true no further work begins; what was begun is finished and told.
/// Shape:  finished results wait for their turn; `work` shares nothing that it writes. Returns how many were
/// told. Error:  the exception of the lowest i is thrown again when its turn comes; the work under way is
/// awaited.
template <class Result>
std::size_t in_order(std::size_t count, std::size_t threads, const std::function<Result(std::size_t)>& work,
                     const std::function<void(std::size_t, Result&)>& tell,
                     const std::function<bool()>& stop = {}) {
    if (threads <= 1) {
        for (std::size_t i = 0; i < count; ++i) {
            if (stop && stop()) return i;
            Result result = work(i);
            tell(i, result);
        }
        return count;
    }
    struct Done {
        Result result{};
        std::exception_ptr error;
    };
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::size_t, Done> finished;
    std::size_t next_work = 0;
    std::size_t next_told = 0;
    bool stopped = false;
    const std::size_t window = threads * 64; // results that may wait, so that memory stays bounded
    const auto worker = [&] {
        std::unique_lock lock(mutex);
        while (true) {
            changed.wait(lock,
                         [&] { return stopped || next_work >= count || next_work < next_told + window; });
            if (stop && stop()) count = next_work;
            if (stopped || next_work >= count) break;
            const std::size_t mine = next_work++;
            lock.unlock();
            Done done;
            try {
                done.result = work(mine);
            } catch (...) {
                done.error = std::current_exception();
            }
            lock.lock();
            finished.emplace(mine, std::move(done));
            changed.notify_all();
        }
        changed.notify_all(); // the end may be nearer than it was
    };
    std::vector<std::jthread> pool;
    for (std::size_t t = 0; t < threads; ++t)
        pool.emplace_back(worker);
    const auto end = [&] {
        const std::lock_guard lock(mutex);
        stopped = true;
        changed.notify_all();
    };
    try {
        while (true) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return finished.count(next_told) == 1 || next_told >= count; });
            if (next_told >= count) break;
            Done done = std::move(finished.extract(next_told).mapped());
            lock.unlock();
            if (done.error) std::rethrow_exception(done.error);
            tell(next_told, done.result);
            lock.lock();
            ++next_told;
            changed.notify_all();
        }
    } catch (...) {
        end();
        throw;
    }
    end();
    return next_told;
}

} // namespace highwater
