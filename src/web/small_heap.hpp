// SmallHeap: the memory of core.wasm, at a tenth of the size of a general allocator's code. Blocks are powers of two
// with their header of kAlignment bytes; one that was given back waits for the next of its size, and is neither split
// nor joined. What is held is therefore, for each size of block, what it held at its peak: at most twice the bytes
// asked for and their headers, or 32 for a block that is smaller. Nothing is ever handed back to the host.
//
// Bounds: kMostBytes in one block. Ownership: of all that `grow` gave, which lives as long as the heap. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace footbridge::web {

class SmallHeap {
 public:
  // At least as many bytes more, a multiple of kPageBytes, aligned to kAlignment; they need not follow those before.
  // Null: there are none.
  using Grow = std::byte* (*)(std::size_t bytes);

  static constexpr std::size_t kAlignment = 16;
  static constexpr std::size_t kPageBytes = 64 * 1024;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 26;  // a thousand times the largest message

  constexpr explicit SmallHeap(Grow grow) : grow_(grow) {}

  // Aligned to kAlignment; null: too large, or the memory is used up.
  void* take(std::size_t bytes);
  // What take() gave, once; null is nothing.
  void give_back(void* bytes);

 private:
  struct alignas(kAlignment) Block {  // the header; the bytes that were asked for follow it
    Block* next = nullptr;            // while it waits
    std::uint32_t order = 0;          // it is 1 << order bytes, with this
  };
  static constexpr unsigned kLeastOrder = 5;
  static constexpr unsigned kMostOrder = 27;

  Grow grow_;
  std::byte* fresh_ = nullptr;  // never given out so far
  std::size_t fresh_bytes_ = 0;
  std::array<Block*, kMostOrder + 1> waiting_{};
};

}  // namespace footbridge::web
