#include "web/small_heap.hpp"

#include <algorithm>
#include <bit>
#include <new>

#include "base/assert.hpp"

namespace footbridge::web {

void* SmallHeap::take(std::size_t bytes) {
  if (bytes > kMostBytes) return nullptr;
  const auto order = std::max(kLeastOrder, static_cast<unsigned>(std::bit_width(bytes + sizeof(Block) - 1)));
  auto*& waiting = waiting_[order];
  if (waiting != nullptr) {
    auto* const block = waiting;
    waiting = block->next;
    return block + 1;
  }
  const auto size = std::size_t{1} << order;
  if (fresh_bytes_ < size) {
    const auto wanted = (size + kPageBytes - 1) / kPageBytes * kPageBytes;
    auto* const grown = grow_(wanted);
    if (grown == nullptr) return nullptr;
    if (grown != fresh_ + fresh_bytes_) fresh_ = grown, fresh_bytes_ = 0;
    fresh_bytes_ += wanted;
  }
  auto* const block = new (fresh_) Block{.next = nullptr, .order = order};
  fresh_ += size;
  fresh_bytes_ -= size;
  return block + 1;
}

void SmallHeap::give_back(void* bytes) {
  if (bytes == nullptr) return;
  auto* const block = static_cast<Block*>(bytes) - 1;
  FB_ASSERT(block->order >= kLeastOrder && block->order <= kMostOrder);
  block->next = waiting_[block->order];
  waiting_[block->order] = block;
}

}  // namespace footbridge::web
