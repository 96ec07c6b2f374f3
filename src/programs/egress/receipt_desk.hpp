// ReceiptDesk: where all workers of an egress leave what became of paths, for each of its brokers: which of them made a
// match nobody knows here, and to the others a mark says nothing. A mutex, taken once per path and once per report.
// Threads: any. It outlives its users.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "core/egress/receipt_book.hpp"

namespace footbridge::egress {

class ReceiptDesk {
 public:
  explicit ReceiptDesk(std::size_t brokers) : books_(brokers) {}

  void add(TimePoint now, const wire::Receipt& receipt, Rng& rng) {
    const std::lock_guard lock(mutex_);
    for (auto& book : books_) book.add(now, receipt, rng);
  }
  std::vector<wire::Receipt> take_due(TimePoint now, std::size_t broker) {
    const std::lock_guard lock(mutex_);
    return books_[broker].take_due(now, wire::kMaxReportReceipts);
  }
  std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& book : books_) sum += book.dropped();
    return sum;
  }

 private:
  mutable std::mutex mutex_;  // guards books_
  std::vector<core::ReceiptBook> books_;
};

}  // namespace footbridge::egress
