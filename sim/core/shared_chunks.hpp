#pragma once
// A vector that grows and is cut at its end, and whose copies share what is full.

#include "sim/core/assert.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace sim {

/// Items in order. Shape: full chunks are immutable and shared by copies; the tail belongs to each copy.
template <class T, std::size_t ChunkSize = 128> class SharedChunks {
  public:
    std::size_t size() const { return chunks_.size() * ChunkSize + tail_.size(); }
    bool empty() const { return chunks_.empty() && tail_.empty(); }

    const T& operator[](std::size_t index) const {
        const std::size_t chunk = index / ChunkSize;
        return chunk < chunks_.size() ? (*chunks_[chunk])[index % ChunkSize]
                                      : tail_[index - chunks_.size() * ChunkSize];
    }
    const T& back() const {
        SIM_ASSERT(!empty(), "there is a last item");
        return (*this)[size() - 1];
    }
    void push_back(const T& item) {
        tail_.push_back(item);
        if (tail_.size() < ChunkSize) return;
        auto full = std::make_shared<std::array<T, ChunkSize>>();
        std::copy(tail_.begin(), tail_.end(), full->begin());
        chunks_.push_back(std::move(full));
        tail_.clear();
    }
    /// Keeps the first `count` items.
    void truncate(std::size_t count) {
        if (count >= size()) return;
        const std::size_t keep = count / ChunkSize;
        if (keep < chunks_.size()) {
            const auto cut = chunks_[keep];
            tail_.assign(cut->begin(), cut->begin() + static_cast<std::ptrdiff_t>(count % ChunkSize));
            chunks_.resize(keep);
        } else {
            tail_.resize(count % ChunkSize);
        }
    }
    /// Forgets the first `count` items. Cost follows what is left: rare events only.
    void drop_front(std::size_t count) {
        SharedChunks rest;
        for (std::size_t i = count; i < size(); ++i)
            rest.push_back((*this)[i]);
        *this = std::move(rest);
    }
    void clear() {
        chunks_.clear();
        tail_.clear();
    }
    /// Calls `visit(item)` for each item in order.
    template <class Visit> void for_each_part(Visit&& visit) const {
        for (std::size_t i = 0; i < size(); ++i)
            visit((*this)[i]);
    }
    bool operator==(const SharedChunks& other) const {
        if (chunks_.size() != other.chunks_.size() || tail_ != other.tail_) return false;
        for (std::size_t i = 0; i < chunks_.size(); ++i)
            if (chunks_[i] != other.chunks_[i] && *chunks_[i] != *other.chunks_[i]) return false;
        return true;
    }

  private:
    std::vector<std::shared_ptr<const std::array<T, ChunkSize>>> chunks_;
    std::vector<T> tail_;
};

} // namespace sim
