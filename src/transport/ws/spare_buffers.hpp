// SpareBuffers: what the legs of one thread read into and write from, one after the other. A leg holds a buffer only
// while it uses it: thousands of quiet legs hold none, and busy ones work on memory that is still in the cache.
//
// Bounds: kMaxSpareBuffers buffers of at most kMaxSpareBytes; others go back to the system.
// Threads: each has its own.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace footbridge::ws {

// Reading and writing at once, of a leg whose user sends from inside an event of another leg.
inline constexpr std::size_t kMaxSpareBuffers = 4;
// Two of the largest reads or writes: what a busy leg grows a buffer to.
inline constexpr std::size_t kMaxSpareBytes = 160 * 1024;

class SpareBuffers {
 public:
  static SpareBuffers& for_reading() {
    thread_local SpareBuffers buffers;
    return buffers;
  }
  // Apart from those for reading, which are full length and would be cleared and filled with zeros again and again.
  static SpareBuffers& for_writing() {
    thread_local SpareBuffers buffers;
    return buffers;
  }

  Bytes take() {
    if (spare_.empty()) return {};
    auto buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
  }
  void give_back(Bytes buffer) {
    const bool of_use = buffer.capacity() > 0 && buffer.capacity() <= kMaxSpareBytes;
    if (of_use && spare_.size() < kMaxSpareBuffers) spare_.push_back(std::move(buffer));
  }

 private:
  SpareBuffers() = default;
  std::vector<Bytes> spare_;
};

}  // namespace footbridge::ws
