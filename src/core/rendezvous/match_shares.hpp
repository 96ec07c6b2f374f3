// MatchShares: how many of the matches of the last hour went to proxies of one network (/24 or /48), so that nobody
// who runs a thousand proxies in one place meets more than a small part of the clients. Counts in slots of ten minutes:
// what leaves the hour leaves it a slot at a time, and nothing is ever set back at once. Who meets the same client
// network again in the same slot has met nobody new: that does not count, and so nobody makes the whole larger by
// asking.
//
// Those of newcomers are counted, too: while others are there they get kNewPerCent of all, so that a thousand black
// holes that come together are found out a few at a time.
//
// Two rules for networks. One costs nobody anything: who had kOverShare times what the average live network had is
// chosen last. One is hard: kMostPerCent of all, and no more; it holds from kMinPrefixes live networks on, because a
// small network of friends has to take whom it has. Bounds: kMaxPrefixes; when it is full, networks beyond them are not
// counted. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "base/time.hpp"

namespace footbridge::core {

class MatchShares {
 public:
  static constexpr std::size_t kMinPrefixes = 100;
  static constexpr std::uint64_t kMostPerCent = 2;     // MAT-B6: of the matches of an hour
  static constexpr std::uint64_t kAlwaysAllowed = 20;  // MAT-B7: an hour; 2 % of a quiet hour would be nobody
  static constexpr std::uint64_t kOverShare = 2;       // MAT-B9: times the average: from there on chosen last
  static constexpr std::uint64_t kFreeShare = 3;       // MAT-B10: an hour, without being chosen last
  static constexpr std::uint64_t kNewPerCent = 5;      // MAT-B12: of an hour's matches, for proxies nobody knows
  static constexpr std::size_t kMaxPrefixes = 65'536;  // as many as proxies may wait
  static constexpr Seconds kSlot{600};

  // What a network had in the last hour, of what the average one had that waits now.
  enum class Had : std::uint8_t { Less, More, TooMuch };

  MatchShares() : met_(kRemembered) {}
  // Polls of a prefix come and go; prefix 0 is unknown and never limited, here and below.
  void came(std::uint64_t prefix);
  void went(std::uint64_t prefix);
  // `client` is the network of the client, or 0 where nobody knows it.
  void matched(TimePoint now, std::uint64_t prefix, std::uint64_t client, bool newcomer);
  // True: no further match for this prefix now.
  bool exhausted(TimePoint now, std::uint64_t prefix);
  Had had(TimePoint now, std::uint64_t prefix);
  bool newcomers_had_enough(TimePoint now);

  std::size_t live_prefixes() const { return live_; }
  std::size_t prefixes() const { return shares_.size(); }

 private:
  static constexpr std::size_t kSlots = 6;             // an hour of them
  static constexpr std::size_t kRemembered = 1 << 16;  // meetings of a slot; one forgotten counts twice
  struct Share {
    std::uint32_t waiting = 0;
    std::array<std::uint32_t, kSlots> counts{};
    std::uint64_t sum() const;
  };
  void turn(TimePoint now);
  bool met_already(std::uint64_t prefix, std::uint64_t client);
  std::vector<std::uint64_t> met_;  // who met whom in this slot, by its hash: the newer takes the older one's place
  std::map<std::uint64_t, Share> shares_;
  std::array<std::uint64_t, kSlots> totals_{}, newcomers_{};
  std::int64_t slot_ = 0;  // of the last call
  std::size_t live_ = 0;   // prefixes that wait
};

}  // namespace footbridge::core
