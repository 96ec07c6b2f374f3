// MatchShares: how many of the matches of the last hour went to proxies of one network (/24 or /48), so that nobody
// who runs a thousand proxies in one place meets more than a small part of the clients. Counts in slots of ten minutes:
// what leaves the hour leaves it a slot at a time, and nothing is ever set back at once.
//
// The rule holds from kMinPrefixes live networks on; a small network of friends has to take whom it has. Bounds:
// kMaxPrefixes; when it is full, networks beyond them are not counted. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "base/time.hpp"

namespace footbridge::core {

class MatchShares {
 public:
  static constexpr std::size_t kMinPrefixes = 100;
  static constexpr std::uint64_t kMostPerCent = 2;     // MAT-B6: of the matches of an hour
  static constexpr std::uint64_t kAlwaysAllowed = 20;  // MAT-B7: an hour; 2 % of a quiet hour would be nobody
  static constexpr std::size_t kMaxPrefixes = 65'536;  // as many as proxies may wait
  static constexpr Seconds kSlot{600};

  // Polls of a prefix come and go; prefix 0 is unknown and never limited, here and below.
  void came(std::uint64_t prefix);
  void went(std::uint64_t prefix);
  void matched(TimePoint now, std::uint64_t prefix);
  // True: no further match for this prefix now.
  bool exhausted(TimePoint now, std::uint64_t prefix);

  std::size_t live_prefixes() const { return live_; }

 private:
  static constexpr std::size_t kSlots = 6;  // an hour of them
  struct Share {
    std::uint32_t waiting = 0;
    std::array<std::uint32_t, kSlots> counts{};
    std::uint64_t sum() const;
  };
  void turn(TimePoint now);

  std::map<std::uint64_t, Share> shares_;
  std::array<std::uint64_t, kSlots> totals_{};
  std::int64_t slot_ = 0;  // of the last call
  std::size_t live_ = 0;   // prefixes that wait
};

}  // namespace footbridge::core
