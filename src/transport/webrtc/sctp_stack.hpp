// The process-wide SCTP library (usrsctp without threads of its own), started and finished with the engine. It knows
// associations by integer handles, never by pointers: the library may speak of one after it was closed.
//
// Threads: the WebRTC thread only. (The library keeps one idle "iterator" thread; it never calls us.)
// Time: advance(now) drives all of SCTP's timers: every kSctpTick while something moves, every kSctpIdleTick while
// associations only exist. Whatever starts a timer after a pause catches up first, or it would be due at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace footbridge::webrtc {

class SctpAssociation;

inline constexpr Millis kSctpTick{10};  // SCTP's finest timer here is the delayed SACK of 20 ms
// A quiet link has heartbeats every 10 s and, at worst, a retransmission that nobody waits for; a phone sleeps.
inline constexpr Millis kSctpIdleTick{250};

class SctpStack {
 public:
  SctpStack();
  ~SctpStack();
  SctpStack(const SctpStack&) = delete;
  SctpStack& operator=(const SctpStack&) = delete;

  void advance(TimePoint now);
  // The thread may sleep now: time will have passed when catch_up() is called next.
  void before_sleep() { caught_up_ = false; }
  // Before packets and messages: as advance(), if the last tick is long ago. Reads the clock once per turn.
  void catch_up();

  // For SctpAssociation.
  void* add(SctpAssociation& association);  // the handle in the form the library wants its addresses
  void remove(void* handle);
  ByteSpan message_scratch() { return scratch_; }

 private:
  static int output(void* handle, void* packet, std::size_t length, std::uint8_t tos, std::uint8_t set_df);
  bool caught_up_ = false;
  TimePoint time_;  // up to which the library's timers have run
  std::map<std::uintptr_t, SctpAssociation*> associations_;
  Bytes scratch_;  // where received messages are put together; one thread, never two reads at once
};

}  // namespace footbridge::webrtc
