// Which stream a path serves next: pieces to be sent again first (they hold up what has arrived behind them), young
// streams next (pages and answers, before downloads), then round robin.
//
// Streams stand in a line while they have something to send; an entry found without is dropped when it comes to the
// front. So nothing here looks at all streams. Bounds: one entry per stream and line. Thread: one.
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
  void update(TimePoint now, Stream& stream, std::uint64_t session_credit);
  // Whom `path` serves now; null: nobody. The caller serves it and calls served().
  Stream* next(TimePoint now, const Path& path, std::uint64_t session_credit);
  void served(TimePoint now, Stream& stream, bool again, std::uint64_t session_credit);
  void forget(Stream& stream);

  // When a young stream stops waiting for a faster path.
  std::optional<TimePoint> deadline(TimePoint now, std::uint64_t session_credit);

 private:
  using Line = Ring<Stream*>;
  Stream* next_again(const Path& path);
  static Stream* first_fresh(Line& line, std::uint64_t session_credit);
  void leave_fresh(Stream& stream);
  const PathTable& paths_;
  Line again_;
  Line young_;  // who waits longest stands first
  Line rest_;
};

}  // namespace footbridge::core
