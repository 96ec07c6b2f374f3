// SilenceWatch: when a path has been silent for so long that nothing should rely on it any more, although something is
// under way on it that the other end has to answer. A path on which nothing is under way is idle, not silent.
//
//   Heard ──under way, and nothing heard for patience()──▶ Silent ──anything heard──▶ Heard
//
// Silence is no end: who is suspended, or has no network for a moment, may be back. Thread: one.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "core/datagram_port.hpp"

namespace footbridge::core {

// QUIC's probe timeouts of a path that is gone double (RFC 9002 §6.2): three of them in a row take 1 + 2 + 4.
inline constexpr int kProbesInVain = 7;
// PATH-T8: longer than a phone's change of cells and than a busy volunteer's pause; a third of what the loss of a link
// takes to be noticed. A volunteer who only hesitates is worth waiting for: another one is asked for meanwhile.
inline constexpr Seconds kLeastPatience{3};
// PATH-T9: on the slowest path nobody waits longer for a sign of life before looking for another one.
inline constexpr Seconds kMostPatience{10};

class SilenceWatch {
 public:
  // What the path says of itself now; after everything that happens on it, and at deadline().
  void observe(TimePoint now, const PathStats& stats);
  bool silent() const { return silent_; }
  // When it will be silent, if nothing is heard until then.
  std::optional<TimePoint> deadline() const;

 private:
  std::optional<TimePoint> waiting_since_;  // something is under way, and nothing was heard from then on
  Duration patience_ = kMostPatience;
  bool silent_ = false;
};

Duration patience(const PathStats& stats);

}  // namespace footbridge::core
