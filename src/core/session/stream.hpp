// One stream of a session: its two directions and what the session notes about it. Pure state; the classes that work on
// it are Sender, Receiver and StreamTable. Never moves: lists hold pointers to it until it is retired.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "core/session/receive_stream.hpp"
#include "core/session/send_stream.hpp"
#include "core/session/session_types.hpp"
#include "core/session/window_announcer.hpp"
#include "core/session/window_ledger.hpp"
#include "core/session/window_shares.hpp"

namespace footbridge::core {

struct Stream {
  Stream(StreamId number, PagePool& pool, std::uint64_t send_limit, const StreamWindow& granted, TimePoint now)
      : id(number),
        send(pool, send_limit),
        receive(pool, granted.limit),
        window(granted),
        announcement(number, granted.limit),
        ready_since(now) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  const StreamId id;
  SendStream send;
  ReceiveStream receive;
  StreamWindow window;        // what we grant
  Announcement announcement;  // what we told the peer of it
  WindowShare share;          // what it occupies of the window that the peer grants
  TimePoint ready_since;      // when it last began to wait for a path, while it is young

  bool in_again_line = false;    // of the scheduler
  bool in_fresh_line = false;    // of the scheduler
  bool write_blocked = false;    // the user waits for Writable
  bool shown = false;            // the user knows the stream: it opened it, or was told Opened
  bool readable_queued = false;  // a Readable event waits in the queue
  bool finish_told = false;      // Finished was queued

  std::uint64_t reset_record_end = 0;  // position on the control stream behind our RESET, once there is one

  // Both ends have let go of it, except that what they said last may still have to be confirmed.
  bool lingering() const { return receive.over() && !send.open(); }
};

}  // namespace footbridge::core
