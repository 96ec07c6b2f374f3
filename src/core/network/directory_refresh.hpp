// DirectoryRefresh: when an installation asks for its network's next directory. Half of a directory's life is left for
// the others to come: each installation draws a moment of its own in the quarter that follows, so that a network's
// people do not ask all at once. Who has nothing that serves asks until there is something; who meets what the
// directory does not know (an egress, a relay) looks soon whether there is a newer one.
//
//   Kept ──NET-T10, or wish()──▶ due ──on_kept()──▶ Kept
//                                └──on_known(), on_failed()──▶ later, with chance in it ──▶ due
//
// Wall time says how old a directory is, and may jump; pauses are counted by the clock that does not. Pure; one thread.
#pragma once

#include <optional>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/rendezvous/backoff.hpp"
#include "wire/network.hpp"

namespace footbridge::core {

// NET-T10: a directory is asked for when this part of its life is over, and up to half as much again by chance.
inline constexpr std::uint64_t kRefreshPart = 2;
// NET-T11: from one question to the next that something unknown is the reason of: whoever can name unknown things to us
// does not make us ask more often.
inline constexpr Seconds kWishPause{60};
// NET-T12: somebody answered with what we have: its operator has not signed another one yet. Half as much again by
// chance.
inline constexpr Seconds kKnownPause{3600};
// NET-T13: nobody answered, while what we have serves. The same. Who has nothing asks as BCK-T1 and BCK-T2 say.
inline constexpr Seconds kFailedPause{300};
// NET-T14: machines sleep, and clocks are set: so often the age is looked at again.
inline constexpr Seconds kLookAtAge{600};

class DirectoryRefresh {
 public:
  explicit DirectoryRefresh(Rng& rng) : rng_(rng) {}

  // What is kept from now on, or was at the start; nullopt: nothing that serves.
  void on_kept(std::optional<wire::Validity> kept);
  void on_known(TimePoint now);
  void on_failed(TimePoint now, bool serving);
  void wish(TimePoint now);

  // A question has begun. Its answer is told by one of the above.
  void on_asked(TimePoint now);
  bool due(TimePoint now, UnixSeconds clock) const;
  // When due() is worth a look again.
  TimePoint next(TimePoint now, UnixSeconds clock) const;

 private:
  void pause(TimePoint now, Seconds nominal);

  Rng& rng_;
  Backoff backoff_;
  std::optional<UnixSeconds> ask_at_;  // nullopt: at once
  std::optional<TimePoint> not_before_;
  std::optional<TimePoint> wished_;  // from then on, whatever the age
  std::optional<TimePoint> asked_;
};

}  // namespace footbridge::core
