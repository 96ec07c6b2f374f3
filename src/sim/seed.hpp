// Seed and Dice: all chance of a simulated world, from one number. A seed splits: each thing takes a seed of its own
// by its name and number, so that one more draw here does not change what happens there. Dice are drawn from a seed.
//
// Repeatable on every machine: integers only, no distribution of the standard library. Never for real keys. Thread:
// one.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/rng.hpp"
#include "base/time.hpp"

namespace footbridge::sim {

// The finaliser of splitmix64: every bit of the answer depends on every bit of `value`.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
  return value ^ value >> 31;
}

class Seed {
 public:
  constexpr explicit Seed(std::uint64_t value) : value_(value) {}

  // The seed of a part of the world: "link", 17.
  constexpr Seed child(std::string_view name, std::uint64_t number = 0) const {
    auto value = mixed(value_ + kStep);
    for (const char c : name) value = mixed(value + kStep + static_cast<unsigned char>(c));
    return Seed(mixed(value + kStep * (number + 1)));
  }
  constexpr std::uint64_t value() const { return value_; }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;
  std::uint64_t value_;
};

class Dice final : public Rng {
 public:
  explicit Dice(Seed seed) : state_(seed.value()) {}

  std::uint64_t word() { return mixed(state_ += 0x9e3779b97f4a7c15ULL); }
  void fill(ByteSpan out) override {
    std::uint64_t drawn = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i % sizeof drawn == 0) drawn = word();
      out[i] = static_cast<std::byte>(drawn >> 8 * (i % sizeof drawn));
    }
  }
  // In [0, count): the bias of a modulus is far below anything a simulation could notice.
  std::uint64_t below(std::uint64_t count) { return word() % count; }
  std::size_t index(std::size_t count) { return static_cast<std::size_t>(below(count)); }
  // In [0, 1).
  double unit() { return static_cast<double>(word() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return probability > 0 && unit() < probability; }
  // Uniform, both ends included.
  Duration duration(Duration least, Duration most) {
    return least + Duration{static_cast<Duration::rep>(below(static_cast<std::uint64_t>((most - least).count()) + 1))};
  }
  double real(double least, double most) { return least + (most - least) * unit(); }

 private:
  std::uint64_t state_;
};

}  // namespace footbridge::sim
