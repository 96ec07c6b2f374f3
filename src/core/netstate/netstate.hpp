// Netstate: what netstate is without sockets. Signed reports come in, and a graph of the network comes out as texts: a
// snapshot, deltas, series, the last hour. Everything is in memory and expires. There is one way from a report to a
// viewer,
//
//   batch ─▶ ReportGate ─▶ Graph ─▶ Viewpoint ─▶ Feed ─▶ viewers, Series, Replay
//
// and a private network differs from a public one by the numbers of its ViewRules, not by code.
//
// No clocks: now and the wall's time are arguments. Bounds: those of the parts, docs/spec/18-netstate.md §7. What is
// put out is JSON and DOT of a closed alphabet: enumerators, numbers, eight hex digits, country codes, and on a private
// network tags. Not thread-safe: one owner.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/country.hpp"
#include "core/netstate/feed.hpp"
#include "core/netstate/graph.hpp"
#include "core/netstate/report_gate.hpp"
#include "core/netstate/viewpoint.hpp"

namespace footbridge::core {

// What is answered to who sent a batch: the worst of what became of its reports; those that were right were taken all
// the same. The status that each stands for is behind it.
enum class BatchVerdict : std::uint8_t {
  Taken,      // 204; also if a report was stale: it was heard before
  Malformed,  // 400
  Refused,    // 401: not signed as it should be, or not at this time
  TooLarge,   // 413
  Later       // 429, and Retry-After
};

struct BatchAnswer {
  BatchVerdict verdict = BatchVerdict::Taken;
  Seconds retry_after{0};  // of Later, at least 1
};

class Netstate {
 public:
  // `rng` outlives it: ids that viewers see are drawn from it.
  Netstate(const wire::RootKey& root, const ViewRules& rules, Rng& rng, TimePoint now, UnixMillis wall);

  // The body of POST /report. `source` names the network that it came from, as a keyed hash that the caller makes and
  // forgets; nullopt: from this machine, not limited. `country` is kept with a node from its first report on.
  BatchAnswer on_batch(TimePoint now, UnixMillis wall, std::optional<std::uint64_t> source, Country country,
                       ByteView body);
  // A report of somebody who cannot sign, by the compatibility door. From this machine alone (`source` is nullopt); of
  // carriers alone; within the bounds of a report that is parsed. Anybody may say it, as what a page says: so it counts
  // as a page wherever it does not say extension, is tagged `unsigned`, and carries to one egress without a name.
  BatchAnswer on_unsigned(TimePoint now, std::optional<std::uint64_t> source, Country country,
                          wire::StateReport report);
  // A directory of this serial is known: who was certified by an older directory key is refused from now on.
  void on_directory_serial(std::uint64_t serial) { gate_.on_directory_serial(serial); }

  // When on_time() has something to do; call it then, and after each batch.
  std::optional<TimePoint> deadline() const;
  void on_time(TimePoint now, UnixMillis wall);
  // The next delta for all who watch, until nullopt.
  std::optional<FeedEvent> poll() { return feed_.poll(); }

  // For who begins to watch: the snapshot and its version; after that, events of a higher version.
  const FeedEvent& snapshot(UnixMillis wall) { return feed_.snapshot(wall, viewpoint_); }
  // For who was there until `version`; nullopt: that is not kept any more, or too much, or of another run: a snapshot.
  std::optional<std::vector<FeedEvent>> since(std::uint64_t version) const { return feed_.since(version); }
  std::string series_json(unsigned hours) const { return feed_.series_json(hours); }  // 1 to kMaxSeriesHours
  std::string replay_json() const { return feed_.replay_json(); }
  std::string snapshot_dot() const { return core::snapshot_dot(viewpoint_.snapshot()); }

  // For metrics and status.
  std::size_t nodes() const { return graph_.nodes(); }
  std::size_t edges() const { return graph_.edges(); }
  std::uint64_t taken() const { return taken_; }
  std::uint64_t refused(ReportRefusal why) const { return refused_[static_cast<std::size_t>(why)]; }

 private:
  BatchAnswer take(TimePoint now, Country country, const Result<AdmittedReport, ReportRefusal>& admitted);
  BatchAnswer refuse(ReportRefusal why);

  ReportGate gate_;
  Graph graph_;
  Viewpoint viewpoint_;
  Feed feed_;
  std::uint64_t taken_ = 0;
  std::array<std::uint64_t, kReportRefusals> refused_{};
};

}  // namespace footbridge::core
