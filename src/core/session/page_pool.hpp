// PagePool: the pages of one session: reserved from the server's budget while they hold bytes, drawn from the pages
// that all sessions share. Owner: one session, outlives its buffers. Thread: one.
#pragma once

#include <cstddef>
#include <utility>

#include "core/session/memory_budget.hpp"

namespace footbridge::core {

class PagePool {
 public:
  explicit PagePool(MemoryBudget& budget) : budget_(budget) {}
  ~PagePool() { budget_.release(live_bytes()); }
  PagePool(const PagePool&) = delete;
  PagePool& operator=(const PagePool&) = delete;

  // nullptr: the budget is spent. The contents are whatever they were.
  PagePtr take(MemoryUse use) {
    if (!budget_.reserve(kPageBytes, use)) return nullptr;
    ++live_;
    return budget_.spare_pages().take();
  }
  void give_back(PagePtr page) {
    --live_;
    budget_.release(kPageBytes);
    budget_.spare_pages().give_back(std::move(page));
  }
  std::size_t live_bytes() const { return live_ * kPageBytes; }

 private:
  MemoryBudget& budget_;
  std::size_t live_ = 0;
};

}  // namespace footbridge::core
