// BufferedRng: draws from another generator in larger pieces and hands them out in small ones. The system's generator
// costs a system call each time, and a path asks it for something with every other packet.
//
// What was handed out is wiped, so memory tells nothing about the past; up to kBufferedRngBytes tell the near future,
// as a generator's state would. Not to be shared with a forked child, which would draw the same bytes.
// Ownership: `source` outlives it. Thread: one.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/rng.hpp"

namespace footbridge {

// The masks of a full write of a relay leg, or the sizes of as many packets: a system call in 64 is none.
inline constexpr std::size_t kBufferedRngBytes = 512;

class BufferedRng final : public Rng {
 public:
  explicit BufferedRng(Rng& source) : source_(source) {}

  void fill(ByteSpan out) override {
    if (out.size() > pool_.size()) return source_.fill(out);
    if (out.size() > pool_.size() - used_) {
      source_.fill(pool_);
      used_ = 0;
    }
    const auto piece = ByteSpan(pool_).subspan(used_, out.size());
    std::copy(piece.begin(), piece.end(), out.begin());
    std::fill(piece.begin(), piece.end(), std::byte{0});
    used_ += piece.size();
  }

 private:
  Rng& source_;
  std::array<std::byte, kBufferedRngBytes> pool_{};
  std::size_t used_ = kBufferedRngBytes;
};

}  // namespace footbridge
