// Which stream a path serves next: pieces to be sent again first (they hold up what has arrived behind them), young
// streams next (pages and answers, before downloads), then round robin.
//
// Streams stand in a line while they have something to send; an entry found without is dropped when met. Bounds: one
// entry per stream and line. Thread: one.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ring.hpp"
#include "base/time.hpp"
#include "core/session/path_table.hpp"
#include "core/session/stream.hpp"

namespace footbridge::core {

class Scheduler {
 public:
  explicit Scheduler(const PathTable& paths) : paths_(paths) {}

  // The stream may have something new to send: puts it in the lines where it belongs.
  void update(Stream& stream, std::uint64_t session_credit);
  // Whom `path` serves now; null: nobody. The caller serves it and calls served().
  Stream* next(TimePoint now, const Path& path, std::uint64_t session_credit);
  void served(Stream& stream, bool again, std::uint64_t session_credit);
  void forget(Stream& stream);

  bool has_work(TimePoint now, const Path& path, std::uint64_t session_credit) const;
  // When a young stream stops waiting for a faster path.
  std::optional<TimePoint> deadline(TimePoint now) const;

 private:
  using Line = Ring<Stream*>;
  void leave_fresh(Stream& stream);
  const PathTable& paths_;
  Line again_;
  Line young_;
  Line rest_;
};

}  // namespace footbridge::core
