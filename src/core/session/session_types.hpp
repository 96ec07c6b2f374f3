// The words of the session layer: what its users say to it and hear from it. No behaviour here.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "core/session/silence_detector.hpp"
#include "wire/session_control.hpp"
#include "wire/session_frames.hpp"
#include "wire/session_records.hpp"

namespace footbridge::core {

// A stream of the session: 0 is the control stream, odd ones are the client's, even ones are kept for the egress.
// Never used twice in one session.
using StreamId = std::uint64_t;
using wire::ResetCode;

// A UDP flow of the session: numbered by the client, never used twice in one session.
using FlowId = std::uint64_t;
// A message about a flow, as it came (wire/session_flow.hpp).
struct FlowArrival {
  FlowId flow = 0;
  Bytes message;
};

// A path of this session at this end. Never used twice; it means nothing to the other end.
enum class PathId : std::uint32_t {};

// Bandwidth × delay of what a volunteer's line carries (50 Mbit/s × 600 ms); measured: less costs throughput.
inline constexpr std::uint64_t kMaxStreamWindow = 4U << 20;
// Two of the largest streams at full speed: the most one session may occupy in each direction.
inline constexpr std::uint64_t kSessionWindow = 8U << 20;
// What a stream gets before its reader has shown to be fast: a page or an image in one round trip. All first windows
// together are more than the session has, so the sender shares them out (window_shares.hpp).
inline constexpr std::uint64_t kInitialStreamWindow = 256U << 10;
// A browser keeps some hundred connections; more is a scan or a leak.
inline constexpr std::uint64_t kMaxStreams = 256;
// A volunteer closes the laptop, the broker finds another, a phone changes networks: measured in tens of seconds.
inline constexpr Duration kNoPathTtl = Seconds{120};

struct SessionConfig {
  // Ours: what we grant. Sent in HELLO and OK.
  wire::SessionLimits limits{kInitialStreamWindow, kSessionWindow, kMaxStreams};
  // The peer's, as its HELLO or OK said. Zero until known: Session::raise_peer_limits() may follow later.
  wire::SessionLimits peer_limits{};
  // What both ends named (wire::kCapUdpFlows and others).
  std::uint64_t capabilities = 0;
  Duration no_path_ttl = kNoPathTtl;
};

enum class SessionErrc : std::uint8_t {
  Malformed = 1,  // the datagram broke the format; close the path it came on with ByeCode::ProtocolError
  Violation,      // the peer broke a limit or contradicted itself; the session has ended, close all its paths
  OutOfMemory,    // the server's memory budget is spent; the session has ended, close all its paths
  Ended,          // the session had ended before; close the path
};
std::string_view name(SessionErrc error);

enum class EndReason : std::uint8_t {
  Local,        // end() was called
  NoPath,       // no path for no_path_ttl
  Violation,    // the peer broke a limit or contradicted itself
  OutOfMemory,  // the memory budget refused what the peer was entitled to send
  Forgotten,    // the other end does not know it any more: it has restarted
};
std::string_view name(EndReason reason);

// What poll() hands out. An event about a stream may be followed by calls for it or ignored; a call for a stream that
// is over does nothing.
namespace event {
struct Opened {  // egress: the client opened a stream; its first bytes are the OPEN header
  StreamId stream = 0;
};
struct Readable {  // bytes have arrived since the last Readable of this stream: peek() and consume()
  StreamId stream = 0;
};
struct Finished {  // the peer's last byte has been consumed; once, and never together with Reset
  StreamId stream = 0;
};
struct Reset {  // the peer gave up its direction; unread bytes are gone
  StreamId stream = 0;
  ResetCode code = ResetCode::Internal;
};
struct Stopped {  // the peer reads no more; what was written is gone, writing is over
  StreamId stream = 0;
  ResetCode code = ResetCode::Internal;
};
struct Writable {  // a write() had taken less than offered; there is room again
  StreamId stream = 0;
};
struct GoAway {  // the egress leaves: open() answers nothing from now on, streams may end in peace
  Duration after{};
};
struct PathSilence {  // suspected, for long now, or heard again
  PathId path{};
  Silence silence = Silence::None;
};
struct Ended {  // last event
  EndReason reason = EndReason::Local;
};
}  // namespace event
using SessionEvent = std::variant<event::Opened, event::Readable, event::Finished, event::Reset, event::Stopped,
                                  event::Writable, event::GoAway, event::PathSilence, event::Ended>;

// Messages about flows since the session began.
struct FlowStats {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped_full = 0;        // a queue or the memory was
  std::uint64_t dropped_old = 0;         // waited too long for a path
  std::uint64_t dropped_incomplete = 0;  // pieces of it were lost, or contradicted each other
  std::uint64_t dropped_not_agreed = 0;  // the capability is not agreed on
};

// Counters since the session began; sums over all streams, payload only.
struct SessionStats {
  std::uint64_t bytes_sent = 0;        // first transmissions
  std::uint64_t bytes_reinjected = 0;  // sent again
  std::uint64_t bytes_received = 0;    // new to us
  std::uint64_t bytes_duplicate = 0;   // had arrived before
  std::uint64_t bytes_confirmed = 0;   // the peer's session has them
  std::uint64_t streams_opened = 0;
  std::uint64_t streams_refused = 0;  // above the stream limit
  std::uint64_t streams_live = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_received = 0;
  std::uint64_t windows_sent = 0;  // W and M frames, with repeats
  std::uint64_t paths_added = 0;
  std::uint64_t paths_suspected = 0;  // each time
  std::uint64_t memory_bytes = 0;     // held in pages and flow messages right now, both directions
  FlowStats flows;
};

}  // namespace footbridge::core
