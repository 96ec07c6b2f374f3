// What a proxy between a client and an egress may do to the messages it carries: alter, lose, repeat, delay, cut
// and invent them, each with its own probability, or all of it. Messages are whole, as links and legs keep boundaries.
//
// Everything follows from the seed and the messages given. Memory: the last kRemembered messages. Threads: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "sim/stack/pipe.hpp"

namespace footbridge::sim {

enum class Mischief : std::uint8_t {
  Flip,       // one to eight bits anywhere
  Drop,       // lost
  Duplicate,  // delivered twice or three times
  Reorder,    // held back until later ones have passed
  Truncate,   // cut anywhere, down to nothing
  Inject,     // besides the message: noise, an old one from either end again, or two spliced together
};
inline constexpr std::size_t kMischiefs = 6;
std::string_view name(Mischief what);

// Of a thousand messages, how many suffer each; drawn one after the other, so one message may suffer several.
using MischiefRates = std::array<unsigned, kMischiefs>;

class HostileProxy {
 public:
  using Delivery = Pipe::Delivery;  // to side 0: the client, 1: the egress
  static constexpr std::size_t kRemembered = 64;
  static constexpr std::size_t kMaxNoiseBytes = 9'100;  // a little above the largest packet
  static constexpr Millis kMaxHoldBack{60};             // longer than a round trip of the paths tested

  HostileProxy(std::uint64_t seed, const MischiefRates& rates) : rng_(seed), rates_(rates) {}

  // What becomes of a message from end `from`; nothing, it, or it and others. A pipe's carrier.
  std::vector<Delivery> carry(std::size_t from, ByteView message);

  void set_rates(const MischiefRates& rates) { rates_ = rates; }

  std::uint64_t carried() const { return carried_; }
  std::uint64_t harmed() const { return harmed_; }  // messages that suffered at least one mischief
  std::uint64_t count(Mischief what) const { return counts_[static_cast<std::size_t>(what)]; }

 private:
  bool strikes(Mischief what);
  void flip(Bytes& message);
  Delivery invent(std::size_t from, ByteView message);

  SeededRng rng_;
  MischiefRates rates_;
  struct Remembered {
    std::size_t to = 0;
    Bytes message;
  };
  std::deque<Remembered> memory_;
  std::uint64_t carried_ = 0;
  std::uint64_t harmed_ = 0;
  std::array<std::uint64_t, kMischiefs> counts_{};
};

}  // namespace footbridge::sim
