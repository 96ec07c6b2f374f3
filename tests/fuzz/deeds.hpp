// A fuzzer's input read as a list of deeds: small numbers that choose, and runs of bytes. Reading beyond the end gives
// zeros and empty runs, so every input means something. Views point into the input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace footbridge::fuzz {

class Deeds {
 public:
  explicit Deeds(ByteView input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  std::size_t byte() {
    if (rest_.empty()) return 0;
    const auto first = std::to_integer<std::size_t>(rest_[0]);
    rest_ = rest_.subspan(1);
    return first;
  }
  std::size_t below(std::size_t bound) { return byte() % bound; }
  bool one_in(std::size_t of) { return below(of) == 0; }
  // Two bytes of length, then that many, as far as there are some.
  ByteView run() {
    const auto high = byte();
    return bytes(high << 8 | byte());
  }
  ByteView bytes(std::size_t most) {
    const auto out = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(out.size());
    return out;
  }
  ByteView rest() { return bytes(rest_.size()); }

 private:
  ByteView rest_;
};

}  // namespace footbridge::fuzz
