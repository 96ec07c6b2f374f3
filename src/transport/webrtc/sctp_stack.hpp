// The process-wide SCTP library (usrsctp without threads of its own), started and finished with the engine. It knows
// associations by integer handles, never by pointers: the library may speak of one after it was closed.
//
// Threads: the WebRTC thread only. (The library keeps one idle "iterator" thread; it never calls us.)
// Time: on_tick(elapsed) drives all of SCTP's timers; every kSctpTick while there are associations.
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

class SctpStack {
 public:
  SctpStack();
  ~SctpStack();
  SctpStack(const SctpStack&) = delete;
  SctpStack& operator=(const SctpStack&) = delete;

  void on_tick(Millis elapsed);

  // For SctpAssociation.
  void* add(SctpAssociation& association);  // the handle in the form the library wants its addresses
  void remove(void* handle);
  ByteSpan message_scratch() { return scratch_; }

 private:
  static int output(void* handle, void* packet, std::size_t length, std::uint8_t tos, std::uint8_t set_df);
  std::map<std::uintptr_t, SctpAssociation*> associations_;
  Bytes scratch_;  // where received messages are put together; one thread, never two reads at once
};

}  // namespace footbridge::webrtc
