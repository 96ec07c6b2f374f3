// Replay: the last hour as it was shown: a snapshot from its beginning, and every delta since. What is older is put
// into the snapshot, so that the two together always lead to what is shown now. Bounds: kReplaySpan, and
// kMaxReplayBytes of text; then the oldest delta goes first. Not thread-safe: one owner.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "core/netstate/view.hpp"

namespace footbridge::core {

inline constexpr Seconds kReplaySpan{3'600};                         // NTS-T14
inline constexpr std::size_t kMaxReplayBytes = 16 * 1'024 * 1'024;   // NTS-B24: with the snapshot
inline constexpr std::size_t kMaxResumeBytes = 1'024 * 1'024;        // NTS-B35: of deltas, instead of a snapshot
inline constexpr std::size_t kMaxKeyframeBytes = 5 * 1'024 * 1'024;  // NTS-B25: as many nodes and edges as there may be

class Replay {
 public:
  // A run begins with a graph of nothing, under this version.
  Replay(std::uint64_t version, UnixMillis at);

  // `bytes`: how long its text is.
  void add(TimePoint now, StampedDelta stamped, std::size_t bytes);
  void on_time(TimePoint now);
  // Deltas above `version`, oldest first; nullopt: one of them is not kept any more, their text is longer than
  // kMaxResumeBytes, or `version` is none of this run.
  std::optional<std::vector<const StampedDelta*>> since(std::uint64_t version) const;
  // {"from":…,"to":…,"keyframe":{snapshot},"deltas":[…]}
  std::string json(bool is_private) const;

  std::size_t deltas() const { return kept_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    TimePoint until{};
    std::size_t bytes = 0;
    StampedDelta stamped;
  };
  void fold_oldest();

  std::uint64_t version_;  // of the keyframe
  UnixMillis at_;
  ShownTotals totals_;
  std::map<ShownId, ShownNode> nodes_;
  std::map<std::pair<ShownId, ShownId>, ShownNumber> edges_;
  std::deque<Kept> kept_;
  std::size_t bytes_ = 0;
};

}  // namespace footbridge::core
