// What a Session is made of, and how the parts meet. Private to session*.cpp: users see session.hpp.
//
//   pull ─▶ WindowAnnouncer, Sender ─▶ Scheduler ─▶ Stream.send        datagram out
//   on_datagram ─▶ Stream.receive ─▶ WindowLedger ─▶ WindowAnnouncer   datagram in
//   on_fate, path_closed ─▶ PathLedger ─▶ Sender (reinjection), WindowAnnouncer (repeats)
//   on_path_stats, on_deadline ─▶ SilenceDetector ─▶ Sender (reinjection, trust)
//   records ─▶ ControlChannel (stream 0)                               flow messages ◀─▶ SessionFlows
#pragma once

#include "base/ring.hpp"
#include "core/session/control_channel.hpp"
#include "core/session/path_table.hpp"
#include "core/session/sender.hpp"
#include "core/session/session.hpp"
#include "core/session/session_flows.hpp"
#include "core/session/stream_table.hpp"
#include "core/session/window_announcer.hpp"
#include "core/session/window_ledger.hpp"
#include "core/session/window_shares.hpp"

namespace footbridge::core {

// One datagram in this many, on average, carries an ignorable frame: often enough that a peer that cannot skip it is
// found in its first minute, seldom enough to cost nothing.
inline constexpr std::uint64_t kGreaseEvery = 256;
// When there was no memory for a write, the user is told to try again after this.
inline constexpr Duration kMemoryRetry = Millis{50};
// A blocked writer is woken when at least this fits (or everything was confirmed): small writes cost more than waiting.
inline constexpr std::uint64_t kWritableRoom = 16U << 10;
// An egress that announces its leaving longer ahead than a day means "some day".
inline constexpr Seconds kMaxGoAway{86'400};
// What the smallest packet carries of a datagram is far more; below this nothing sensible fits.
inline constexpr std::size_t kLeastDatagram = 64;

struct Session::Parts {
  Parts(Role role, const SessionConfig& config, Rng& rng, MemoryBudget& memory, TimePoint now);

  // session.cpp: streams as the user sees them
  std::uint64_t room_of(const Stream& stream) const;
  void note_written(Stream& stream);
  void give_up_sending(Stream& stream, ResetCode code);
  void give_up_reading(TimePoint now, Stream& stream, ResetCode code);
  void say(Stream* about, const wire::Record& record);
  void wake_writer(Stream& stream);
  void wake_writers();
  void end(EndReason reason);

  // session_inbound.cpp: what a datagram of the peer does
  Status<SessionErrc> on_frame(TimePoint now, const wire::Frame& frame);
  Status<SessionErrc> on_data(TimePoint now, const wire::DataFrame& frame);
  Status<SessionErrc> on_window(TimePoint now, const wire::WindowFrame& frame);
  Status<SessionErrc> on_control(TimePoint now);
  Status<SessionErrc> on_record(TimePoint now, const wire::Record& record);
  Status<SessionErrc> on_reset(TimePoint now, const wire::ResetRecord& record);
  Status<SessionErrc> on_stop(TimePoint now, const wire::StopRecord& record);
  Status<SessionErrc> fatal(SessionErrc error);
  // The stream a frame is about; null with ok: it is over, or was refused.
  Result<Stream*, SessionErrc> stream_of(TimePoint now, StreamId id);
  // The receiving side has moved: credit, announcements, events.
  void after_receiving(TimePoint now, Stream& stream, std::uint64_t consumed_before);
  void show(Stream& stream);
  void retire_if_over(Stream& stream);
  void retire_confirmed();

  // session_outbound.cpp: what a path takes and tells
  // The path was heard, or was not: acts when its detector has changed its mind.
  void mind_silence(Path& path);
  void grease(wire::FrameWriter& out);

  Role role;
  SessionConfig config;
  Rng& rng;
  SessionStats stats;
  PagePool pool;
  PathTable paths;
  WindowLedger windows;
  WindowShares shares;
  WindowAnnouncer announcer;
  Announcement session_announcement;
  ControlChannel control;
  StreamTable streams;
  Sender sender;
  SessionFlows flows;
  Ring<SessionEvent> events;  // at most a few per stream: the user polls after each call

  TimePoint now;  // of the last call that told it
  std::optional<TimePoint> without_path_since;
  std::optional<TimePoint> retry_writes_at;
  std::uint64_t send_buffered = 0;  // of all streams
  std::uint64_t until_grease = 0;   // datagrams
  bool going_away = false;
  std::optional<EndReason> ended;
};

}  // namespace footbridge::core
