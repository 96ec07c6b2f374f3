// SlotActivity: whether a client's slot helps or only stands by, as far as a volunteer can see: it counts bytes and
// reads none. A client keeps a path it does not use, and what keeps that alive must not look like help.
//
//   Helping ──nothing but signs of life for kStandbyAfter──▶ Standby ──kHelpingBytes within kActivityWindow──▶ Helping
//
// A new slot helps: somebody has just come. Pure. One thread.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace footbridge::core {

// PRX-B2, PRX-T7: a sign of life is a packet and its answer, each with up to two fillers of F, every 15 to 25 s: up to
// 5 kB at once. More within the window is somebody's traffic.
inline constexpr std::uint64_t kHelpingBytes = 8 * 1024;
inline constexpr Seconds kActivityWindow{10};
// PRX-T8: longer than most pauses between two clicks; half of what a client takes to let a path go.
inline constexpr Seconds kStandbyAfter{30};

class SlotActivity {
 public:
  explicit SlotActivity(TimePoint now) : window_since_(now), helping_until_(now + kStandbyAfter) {}

  // `total`: bytes carried so far, both ways.
  void observe(TimePoint now, std::uint64_t total) {
    if (now - window_since_ >= kActivityWindow) {
      window_since_ = now;
      window_from_ = last_total_;
    }
    last_total_ = total;
    if (total - window_from_ >= kHelpingBytes) helping_until_ = now + kStandbyAfter;
  }
  bool helping(TimePoint now) const { return now < helping_until_; }
  // When it will stand by if nothing is carried; past: it does.
  TimePoint helping_until() const { return helping_until_; }

 private:
  TimePoint window_since_;
  TimePoint helping_until_;
  std::uint64_t window_from_ = 0;
  std::uint64_t last_total_ = 0;
};

}  // namespace footbridge::core
