// Feed: what viewers are sent. Changes of the view are gathered for kGather and become one delta with the next version;
// a viewer that was away asks for what came after the version it has, and is given a snapshot when that is not kept.
// Versions begin with the wall's time of the start and grow by one: none of one run is one of another.
// Bounds: those of Replay and Series; a delta that nobody fetches by poll() is left to the next one. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/netstate/replay.hpp"
#include "core/netstate/series.hpp"
#include "core/netstate/view_text.hpp"
#include "core/netstate/viewpoint.hpp"

namespace footbridge::core {

// NTS-T15 to NTS-T17.
inline constexpr Millis kGather{500};
inline constexpr Seconds kTick{2};  // an event without content: who hears none for NTS-T17 says that the picture is old
inline constexpr Seconds kStaleAfter{5};

// One server-sent event: `version` is its id, `json` its data.
struct FeedEvent {
  std::uint64_t version = 0;
  std::string json;
};

class Feed {
 public:
  Feed(TimePoint now, UnixMillis wall, bool is_private);

  void on_time(TimePoint now, UnixMillis wall, Viewpoint& view);
  std::optional<TimePoint> deadline(const Viewpoint& view) const;
  std::optional<FeedEvent> poll() { return std::exchange(next_, std::nullopt); }

  const FeedEvent& snapshot(UnixMillis wall, const Viewpoint& view);
  std::optional<std::vector<FeedEvent>> since(std::uint64_t version) const;
  std::string series_json(unsigned hours) const { return core::series_json(series_.rows(hours)); }
  std::string replay_json() const { return replay_.json(is_private_); }
  std::uint64_t version() const { return version_; }

 private:
  bool is_private_;
  std::uint64_t version_;
  TimePoint gathered_;  // when the last delta was made
  Series series_;
  Replay replay_;
  std::optional<FeedEvent> next_;
  std::optional<FeedEvent> snapshot_;  // of version_: one text for all who come
};

}  // namespace footbridge::core
