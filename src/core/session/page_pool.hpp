// Pages of memory for the bytes of streams: reserved from the server's budget, kept for reuse within one session, so
// that moving data allocates nothing. Owner: one session, outlives its buffers. Thread: one.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "core/session/memory_budget.hpp"

namespace footbridge::core {

// Small enough that 256 streams with a few bytes each stay near 1 MiB, large enough that a page takes three packets.
inline constexpr std::size_t kPageBytes = 4096;
// What an idle session keeps for its next burst: 256 KiB.
inline constexpr std::size_t kMaxSparePages = 64;

using Page = std::array<std::byte, kPageBytes>;
using PagePtr = std::unique_ptr<Page>;

class PagePool {
 public:
  explicit PagePool(MemoryBudget& budget) : budget_(budget) {}
  ~PagePool() { budget_.release((live_ + spare_.size()) * kPageBytes); }
  PagePool(const PagePool&) = delete;
  PagePool& operator=(const PagePool&) = delete;

  // nullptr: the budget is spent. The contents are whatever they were.
  PagePtr take(MemoryUse use) {
    if (spare_.empty()) {
      if (!budget_.reserve(kPageBytes, use)) return nullptr;
      ++live_;
      return PagePtr(new Page);  // not make_unique: that would write zeros first
    }
    ++live_;
    auto page = std::move(spare_.back());
    spare_.pop_back();
    return page;
  }
  void give_back(PagePtr page) {
    --live_;
    if (spare_.size() < kMaxSparePages)
      spare_.push_back(std::move(page));
    else
      budget_.release(kPageBytes);
  }
  std::size_t live_bytes() const { return live_ * kPageBytes; }

 private:
  MemoryBudget& budget_;
  std::vector<PagePtr> spare_;
  std::size_t live_ = 0;
};

}  // namespace footbridge::core
