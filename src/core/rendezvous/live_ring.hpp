// LiveRing: which proxies a client prefix may meet at all. Every proxy has a place on a ring of 2^64 points, a keyed
// hash of its id; a client prefix has one, too, and sees the first slice() live proxies from there on: its slice. It is
// the same at every request, so that asking again shows nobody new; only when one of the slice goes another moves up.
//
//   absent ──poll──▶ there ──poll ended──▶ away ──kLiveFor without a poll──▶ absent
//                      ▲                    │
//                      └──────── poll ──────┘
//
// Who is there and has no slot to sell, and who is away, still has his place in the slices: who buys up a slice is
// not shown the next one. Neither end can choose its point without the key, which the broker keeps to itself; but ids
// cost nothing, so one network of proxies gets kMaxOfPrefix places and no more.
//
// Bounds: kMaxOfPrefix for each network; where networks are unknown, the polls of the last kLiveFor. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "base/time.hpp"
#include "core/rendezvous/deadline_set.hpp"

namespace footbridge::core {

using RingPoint = std::uint64_t;

class LiveRing {
 public:
  // MAT-B4: of each of the two rings (spec 01 §5). Ten thousand live proxies, a hundred prefixes of one censor: he
  // knows 12 % of them at most (tests/sim/matching).
  static constexpr std::size_t kSlice = 3;
  // MAT-B8: of a ring of kSeenOfSmall / kMostSlice or fewer; with more it shrinks to kSlice. A censor with ten prefixes
  // knows all of sixty proxies anyway, and a client whom one of three can reach needs more than three to choose from.
  static constexpr std::size_t kMostSlice = 16;
  static constexpr std::size_t kSeenOfSmall = 1'000;
  // MAT-T3: a proxy polls again within a second or two; a broker that it lost for a moment, within a minute.
  static constexpr Seconds kLiveFor{120};

  // MAT-B5: a club or a school with a volunteer on each machine. More of one network are in nobody's slice.
  static constexpr std::uint32_t kMaxOfPrefix = 64;

  // There, with this poll; an older one of the same point is forgotten. Keys are not 0. `prefix` is the proxy's
  // network; 0: unknown.
  void arrive(RingPoint point, std::uint64_t key, std::uint64_t prefix);
  // Its poll has ended. Ignored when a newer one stands.
  void leave(TimePoint now, RingPoint point, std::uint64_t key);

  std::optional<TimePoint> deadline() const { return absences_.earliest(); }
  // The next place that is free because its proxy did not come back: slices that had it have somebody new.
  std::optional<RingPoint> pop_absent(TimePoint now);

  // Calls visit(key) for each proxy of the slice that has a poll.
  template <class Visit>
  void each_of_slice(RingPoint from, const Visit& visit) const {
    auto at = spots_.lower_bound(from);
    for (std::size_t left = slice(); left > 0; --left, ++at) {
      if (at == spots_.end()) at = spots_.begin();
      if (at->second.key != 0) visit(at->second.key);
    }
  }
  // Slices that begin after this point, up to `point` itself and round the ring, have the place `point`; nullopt: all.
  std::optional<RingPoint> seen_after(RingPoint point) const;

  std::size_t slice() const;
  bool has(RingPoint point) const { return spots_.contains(point); }
  std::size_t live() const { return spots_.size(); }

 private:
  struct Spot {
    std::uint64_t key = 0;  // 0: away
    std::uint64_t prefix = 0;
  };
  std::map<RingPoint, Spot> spots_;
  std::map<std::uint64_t, std::uint32_t> of_prefix_;  // spots; only prefixes that have some
  DeadlineSet<RingPoint> absences_;                   // of those who are away
};

}  // namespace footbridge::core
