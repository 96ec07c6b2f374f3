// The paths of a session: their ledgers, their health, and the two questions that span all of them, namely what else
// covers a piece (the cover rule, I2) and which path may carry W (I7).
//
// Nothing waits on a path that is silent (I10): it carries nothing, covers nothing, and is no measure for the others.
//
// Bounds: kMaxPaths. Thread: one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "core/datagram_port.hpp"
#include "core/session/path_ledger.hpp"
#include "core/session/silence_detector.hpp"

namespace footbridge::core {

// Room for three at once and for those that replace them. More is a peer that collects paths.
inline constexpr std::size_t kMaxPaths = 16;
// W goes only where something was heard lately: on a dying path it would be lost with nobody noticing.
inline constexpr Duration kRecentlyHeard = Millis{150};

struct Path {
  Path(PathId number, TimePoint now) : id(number), detector(now) {}
  const PathId id;
  PathLedger ledger;
  PathStats stats;
  SilenceDetector detector;
  Silence silence = Silence::None;  // what the session made of the detector's word
  bool suspect() const { return silence != Silence::None; }
};

class PathTable {
 public:
  Path& add(TimePoint now);
  Path* find(PathId id);
  const Path* find(PathId id) const;
  // Takes the path out, with what is under way on it; null for an unknown one.
  std::unique_ptr<Path> remove(PathId id);
  std::size_t size() const { return paths_.size(); }
  bool full() const { return paths_.size() >= kMaxPaths; }

  // What is under way on paths that are not suspect, of those pieces of `stream` that touch `wanted`.
  RangeSet cover_of(StreamId stream, const RangeSet& wanted) const;
  // Paths that are not suspect.
  std::size_t live() const;
  // The lowest round trip of those that are not suspect; nullopt: none is measured yet.
  std::optional<Duration> lowest_rtt() const;
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& path : paths_) visit(static_cast<const Path&>(*path));
  }
  template <class Visit>
  void for_each(Visit&& visit) {
    for (const auto& path : paths_) visit(*path);
  }
  bool may_carry_windows(const Path& path, TimePoint now) const;
  // Young streams wait for a path that is not much slower than the fastest, but no longer than that path's round trip:
  // then they have lost nothing (MPTCP's ECF, CoNEXT'17).
  bool fast_enough(const Path& path, Duration waited) const;
  // When, after `now`, a stream that waits since `since` will have waited a round trip of one more path.
  std::optional<TimePoint> next_patience(TimePoint since, TimePoint now) const;

 private:
  std::uint32_t next_id_ = 1;
  std::vector<std::unique_ptr<Path>> paths_;
};

}  // namespace footbridge::core
