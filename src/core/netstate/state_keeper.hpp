// StateKeeper: what a program tells netstate of itself, and when. It holds the newest state and nothing else: what
// changes while a report is on its way is told with the next, and what was never told is not told later. So netstate
// being slow or gone costs the program one state and one request, and never waits for a link or a leg (the shell sends,
// and this does not know how).
//
//   Idle ──kReportIdle, or a change and kReportGap──▶ due ──take()──▶ Sending ──on_taken()───────────▶ Idle
//                                                                       └──on_failed()──▶ backing off ─▶ due
//
// Bytes carried are no change. No clock, no I/O; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "wire/netstate_report.hpp"

namespace footbridge::core {

// NTS-T18 to NTS-T23, spec 18 §7.
inline constexpr Seconds kReportGap{1};
inline constexpr Seconds kReportIdle{30};
inline constexpr Seconds kReportLimit{5};  // for one request; then it has failed
inline constexpr Seconds kReportPauseFrom{2};
inline constexpr Seconds kReportPauseTo{40};       // and half as much by chance: who was away is heard within a minute
inline constexpr Seconds kReportLongestWait{600};  // that a Retry-After can make us wait

class StateKeeper {
 public:
  // Of one run: `rng` draws its node, and chance into pauses; it outlives the keeper. `egress` of an egress alone.
  StateKeeper(wire::NodeRole role, std::string tag, std::optional<wire::EgressName> egress, Rng& rng);

  // What is so now. `now_so` has state, legs (the first kMaxReportLegs count), sessions and bytes; the rest is the
  // keeper's.
  void set(TimePoint now, wire::StateReport now_so);

  // When due() is worth a look; nullopt: a request is under way, or nothing was ever set.
  std::optional<TimePoint> next() const;
  // The report to send; nullopt: not now. From then on a request is under way.
  std::optional<wire::StateReport> take(TimePoint now);
  void on_taken(TimePoint now);
  // No answer within kReportLimit, or one that is not 204. `retry_after` as a 429 or 503 says it.
  void on_failed(TimePoint now, std::optional<Seconds> retry_after);

  bool sending() const { return sending_; }
  const wire::NodeName& node() const { return newest_.node; }

 private:
  Rng& rng_;
  wire::StateReport newest_;
  bool known_ = false;
  bool changed_ = false;
  bool sending_ = false;
  std::optional<TimePoint> sent_;
  TimePoint not_before_{};
  Seconds pause_{0};
};

}  // namespace footbridge::core
