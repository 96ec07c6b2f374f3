// SilenceDetector: suspects a path that has been silent for longer than its round trip explains although something is
// under way on it, in a fraction of a second and without asking it anything: acknowledgements that do not come are
// enough. Both ends have one for each path (docs/spec/03-session.md §7).
//
//   None ──under way, and silent for limit()──▶ Suspect ──kLongSilence──▶ Long
//    ▲────────── anything heard, or nothing under way any more ──┴──────────┘
//
// How long silence may last depends on what was heard before. In a steady flow acknowledgements come all the time, and
// half a round trip without one is strange; the first packets after a rest need a whole round trip to be answered. A
// path that rests is idle, not silent. Suspicion is no verdict: it costs a few bytes sent twice, and the first packet
// heard takes it back. So it may be wrong, but not late.
//
// Time in which our own program stood still, and may have left packets unread, is no silence of the path.
// Thread: one.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "core/datagram_port.hpp"

namespace footbridge::core {

// SES-T7: no path is suspected earlier. Two delayed acknowledgements (25 ms each) and a busy volunteer's turn.
inline constexpr Millis kLeastSilence{80};
// SES-T8, SES-T9: nor later, in a steady flow and after a rest. What a person notices; the slowest useful round trip.
inline constexpr Millis kMostSteadySilence{400};
inline constexpr Millis kMostFirstSilence{600};
// SES-T10, SES-T11: what a delayed acknowledgement, a volunteer's queue and two schedulers may add to a round trip.
inline constexpr Millis kSteadyMargin{60};
inline constexpr Millis kFirstMargin{40};
// SES-T12: from here on a person is told, and nobody waits for this volunteer any more. Longer than a phone's change of
// cells and than a busy volunteer's pause; a third of what the loss of a link takes to be noticed.
inline constexpr Seconds kLongSilence{3};
// A deadline met so much too late says that our own loop stood still: what arrived meanwhile may still be unread.
inline constexpr Millis kOwnPause{20};

enum class Silence : std::uint8_t {
  None,     // heard, or idle
  Suspect,  // nothing should rely on the path
  Long,     // for so long that another one is needed
};

class SilenceDetector {
 public:
  explicit SilenceDetector(TimePoint now) : heard_(now) {}

  // What QUIC says of the path, after each thing that happened on it.
  void on_stats(TimePoint now, const PathStats& stats);
  // Something authentic came.
  void on_heard(TimePoint at);
  // `oldest_sent`: when the oldest datagram left that is still under way; nullopt: none is known.
  void on_deadline(TimePoint now, std::optional<TimePoint> oldest_sent);
  std::optional<TimePoint> deadline() const;

  Silence silence() const { return silence_; }
  TimePoint heard() const { return heard_; }

 private:
  bool steady() const { return heard_ > *under_way_since_ + smoothed_rtt_; }
  Duration steady_limit() const;
  Duration first_limit() const;
  TimePoint silent_since() const;

  TimePoint heard_;
  std::optional<TimePoint> under_way_since_;
  Duration smoothed_rtt_{};
  Duration rtt_variance_{};
  Silence silence_ = Silence::None;
  TimePoint not_before_{};  // of this silence: an answer is not due yet, or we stood still
  bool excused_ = false;    // in this silence we stood still once; twice is no excuse
};

}  // namespace footbridge::core
