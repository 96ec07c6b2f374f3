// LiveRing: which proxies a client prefix may meet at all. Every proxy has its place at a point of a ring of 2^64, a
// keyed hash (spec 01 §5); a client prefix has a point, too, and sees who is at the first slice() places from there on:
// its slice. It is the same at every request, so that asking again shows nobody new; only when a place is given up the
// next moves up. A place:
//
//   absent ──poll──▶ there ──poll ended──▶ away ──kLiveFor without a poll──▶ absent
//                      ▲                    │
//                      └──────── poll ──────┘
//
// Who is there and has no slot to sell, and who is away, still has his place: who buys up a slice is not shown the next
// one. Neither end can choose its point without the key, which the broker keeps to itself. Ids cost nothing and
// networks do, so the proxies of one network share their places: a thousand of them are seen by no more clients than
// two are.
//
// Bounds: kMostAtPlace at each; kMaxPlaces of the polls of the last kLiveFor: then who is away longest has none any
// more, and if all are there a newcomer gets none. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

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

  // MAT-B5: a club or a school with a volunteer on each machine. More at one place are in nobody's slice.
  static constexpr std::size_t kMostAtPlace = 64;

  // MAT-B11: twice as many as polls may wait: about 20 MiB in each ring.
  static constexpr std::size_t kMaxPlaces = 131'072;

  explicit LiveRing(std::size_t max_places = kMaxPlaces) : max_places_(max_places) {}

  // There, with this poll.
  void arrive(RingPoint point, std::uint64_t key);
  // Its poll has ended. Keys that are not there are ignored.
  void leave(TimePoint now, RingPoint point, std::uint64_t key);

  std::optional<TimePoint> deadline() const { return absences_.earliest(); }
  // The next place that is free because its proxy did not come back: slices that had it have somebody new.
  std::optional<RingPoint> pop_absent(TimePoint now);

  // Calls visit(key) for each poll of the slice.
  template <class Visit>
  void each_of_slice(RingPoint from, const Visit& visit) const {
    auto at = places_.lower_bound(from);
    for (std::size_t left = slice(); left > 0; --left, ++at) {
      if (at == places_.end()) at = places_.begin();
      for (const auto key : at->second) visit(key);
    }
  }
  // Slices that begin after this point, up to `point` itself and round the ring, have the place `point`; nullopt: all.
  std::optional<RingPoint> seen_after(RingPoint point) const;

  std::size_t slice() const;
  // Is this poll at the place, so that slices with the place have it?
  bool shows(RingPoint point, std::uint64_t key) const;
  std::size_t live() const { return places_.size(); }  // places

 private:
  std::size_t max_places_;
  std::map<RingPoint, std::vector<std::uint64_t>> places_;  // the polls at each; none: away
  DeadlineSet<RingPoint> absences_;                         // of those who are away
};

}  // namespace footbridge::core
