// The bytes of one direction of a stream between two offsets, in pages that exist only where something was written.
// write() may leave holes; who reads knows which offsets were written. Bounds: the user's windows. Thread: one.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/ring.hpp"
#include "core/session/page_pool.hpp"

namespace footbridge::core {

class PagedBytes {
 public:
  PagedBytes(PagePool& pool, MemoryUse use) : pool_(pool), use_(use) {}
  ~PagedBytes() { clear(); }
  PagedBytes(const PagedBytes&) = delete;
  PagedBytes& operator=(const PagedBytes&) = delete;

  // Copies `bytes` to `offset`, which is not below what was released. Answers how many; fewer than given: no memory.
  [[nodiscard]] std::size_t write(std::uint64_t offset, ByteView bytes);
  // Copies out.size() written bytes from `offset`.
  void read(std::uint64_t offset, ByteSpan out) const;
  // The written bytes from `offset` to the end of their page, at most `count`.
  ByteView view(std::uint64_t offset, std::uint64_t count) const;
  // Nothing below `offset` is needed any more. `written_end` is the end of all that was written: a stream whose bytes
  // are all released keeps no page.
  void release_below(std::uint64_t offset, std::uint64_t written_end);
  void clear();

 private:
  PagePool& pool_;
  MemoryUse use_;
  std::uint64_t first_page_ = 0;  // number of pages_[0]: its first offset divided by the page size
  Ring<PagePtr> pages_;           // null where nothing was written yet
};

}  // namespace footbridge::core
