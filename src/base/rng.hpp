// Randomness as an argument: real programs pass the system's generator (crypto/system_rng.hpp), tests a seeded one.
#pragma once

#include <array>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace footbridge {

class Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(ByteSpan out) = 0;

  std::uint64_t next_u64() {
    std::array<std::byte, 8> raw{};
    fill(raw);
    std::uint64_t value = 0;
    for (const auto b : raw) value = value << 8 | std::to_integer<std::uint64_t>(b);
    return value;
  }

  // Uniform in [low, high], both ends included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    FB_ASSERT(low <= high);
    const auto width = high - low + 1;
    if (width == 0) return next_u64();
    const auto limit = UINT64_MAX - UINT64_MAX % width;  // reject the uneven tail: no modulo bias
    for (;;)
      if (const auto draw = next_u64(); draw < limit) return low + draw % width;
  }

  Bytes bytes(std::size_t count) {
    Bytes out(count);
    fill(out);
    return out;
  }

  template <std::size_t N>
  std::array<std::byte, N> array() {
    std::array<std::byte, N> out{};
    fill(out);
    return out;
  }
};

// splitmix64: repeatable, for tests and the simulator. Never for keys, tokens or identifiers on a real network.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : state_(seed) {}
  void fill(ByteSpan out) override {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i % 8 == 0) word = step();
      out[i] = static_cast<std::byte>(word >> (8 * (i % 8)));
    }
  }

 private:
  std::uint64_t step() {
    auto z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
  }
  std::uint64_t state_;
};

}  // namespace footbridge
