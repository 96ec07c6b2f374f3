// Control messages on the bidirectional QUIC stream 0 of each path (docs/spec/03-session.md §6.4): how a client begins
// a session on a path, or joins a path to one, and how either end leaves.
//
//   client ── HELLO ──▶ egress    begin a session        egress ── OK ─────▶ client   granted, with the session's token
//   client ── JOIN ───▶ egress    one path more          egress ── REFUSED ▶ client   no, with a reason
//   either ── BYE ────▶ other     this path ends, in order
//
// A message is: type (one byte), length (varint), body; unknown bytes at the end of a body are skipped, types 0x40–0x5f
// too. HELLO and JOIN begin with the newest and the oldest version their sender speaks in every version of this
// protocol; the answer names the one to use.
//
// Bounds: a body is at most kMaxControlBody bytes. Tokens and admission are Private. Thread: any.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/private.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

inline constexpr std::uint64_t kSessionVersion = 1;        // the newest we speak
inline constexpr std::uint64_t kOldestSessionVersion = 1;  // the oldest we speak
inline constexpr std::size_t kMaxControlBody = 2048;       // HELLO with the largest admission, twice
inline constexpr std::size_t kMaxControlAdmissionBytes = 1024;
inline constexpr std::size_t kAdmissionBytes = 256;  // what we send: the ticket (spec 12), then random bytes
inline constexpr std::size_t kTokenBytes = 32;

using SessionToken = std::array<std::byte, kTokenBytes>;

// Capability bits; an end uses only what both named. Unknown bits are ignored.
inline constexpr std::uint64_t kCapUdpFlows = 1U << 0;  // U frames (docs/spec/07-udp-flows.md)
// All that this version can do. An egress that does not want to leaves bits out of its OK.
inline constexpr std::uint64_t kOurCapabilities = kCapUdpFlows;

// How much the sender of the message is ready to receive before its first W and M, and how many streams it bears.
struct SessionLimits {
  std::uint64_t stream_window_bytes = 0;
  std::uint64_t session_window_bytes = 0;
  std::uint64_t max_streams = 0;
  friend bool operator==(const SessionLimits&, const SessionLimits&) = default;
};

struct VersionRange {
  std::uint64_t newest = kSessionVersion;
  std::uint64_t oldest = kOldestSessionVersion;
  friend bool operator==(const VersionRange&, const VersionRange&) = default;
};
// The version that an end speaking ours uses with a peer offering `offer`; 0: there is none.
std::uint64_t common_version(VersionRange offer);

struct Hello {
  VersionRange versions;
  std::uint64_t capabilities = 0;
  MatchId match;  // of the leg token this path came with: a proxy cannot swap clients
  SessionLimits limits;
  Private<Bytes> admission;
};
struct Join {
  VersionRange versions;
  SessionId session;
  Private<SessionToken> token;
  MatchId match;
  Private<Bytes> admission;
};
// The egress names the session: an id of the client's choosing could collide with, or be probed against, another's.
struct Ok {
  std::uint64_t version = kSessionVersion;
  std::uint64_t capabilities = 0;
  SessionId session;
  Private<SessionToken> token;
  std::uint64_t ttl_seconds = 0;  // how long the session waits without a path
  SessionLimits limits;
};

enum class RefusalCode : std::uint8_t {
  Internal = 0,            // and any unknown number
  UnsupportedVersion = 1,  // `versions` says what would do
  UnknownSession = 2,      // JOIN: no such session, or not its token; begin a new one
  WrongMatch = 3,          // the match id is not that of the leg token
  Admission = 4,           // no ticket, or not one for this path; ask the broker again
  Busy = 5,                // at capacity; come back after retry_after_seconds
  Malformed = 6,           // the message broke the format
  Draining = 7,            // this egress is leaving; take another
  StaleTicket = 8,         // a ticket too old, or from before this egress began; ask the broker again
  EgressRestarted = 9,     // JOIN: this egress began anew and knows the session no more; begin a new one
};
std::string_view name(RefusalCode code);
struct Refused {
  RefusalCode code = RefusalCode::Internal;
  std::uint64_t retry_after_seconds = 0;  // 0: no advice
  VersionRange versions;
};

enum class ByeCode : std::uint8_t {
  Unspecified = 0,    // and any unknown number
  PathOver = 1,       // this path only; the session goes on
  SessionOver = 2,    // forget the session
  Draining = 3,       // the egress is leaving; a new session elsewhere after retry_after_seconds
  ProtocolError = 4,  // the other end broke the format or a limit
};
std::string_view name(ByeCode code);
struct Bye {
  ByeCode code = ByeCode::Unspecified;
  std::uint64_t retry_after_seconds = 0;
};

struct IgnorableControl {
  std::uint8_t type = 0x40;
};
using Control = std::variant<Hello, Join, Ok, Refused, Bye, IgnorableControl>;

enum class ControlErrc : std::uint8_t {
  Truncated = 1,       // need more input; keep the bytes
  UnknownType,         // neither known nor ignorable; close the path
  TooLarge,            // the body is above its bound; close the path
  Malformed,           // fields do not fit the body or are out of range; close the path
  UnsupportedVersion,  // HELLO, JOIN or OK of versions we do not speak; nothing after the versions was read
};
std::string_view name(ControlErrc error);

struct ParsedControl {
  Control message;
  std::size_t bytes = 0;  // how much of the input it took
};
// Reads the first message of `in`.
Result<ParsedControl, ControlErrc> parse_control(ByteView in);
Bytes encode_control(const Control& message);  // an IgnorableControl gets an empty body

}  // namespace footbridge::wire
