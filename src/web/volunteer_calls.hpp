// VolunteerCalls: core::BrowserProxy as bytes in, bytes out, so that a boundary that only knows memory carries it, and
// a recording of the bytes is a recording of all that was decided. web/packages/core/src/records.ts is the other end;
// both are built together (kAbiVersion), so bytes that do not fit are a bug of ours: FB_ASSERT.
//
// A call:      u8 what | u64 steady clock, microseconds | u64 wall clock, Unix seconds | u32 zone, seconds
//              east of UTC | arguments
// Its answer:  records until the end: u8 what | fields; the deadline and the status are always the last two
// Integers are big-endian; a slot is u8 number, u32 epoch; a text or a blob is u32 length, then its bytes.
//
// The arguments of calls and the fields of records stand beside their names below. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "core/browser/browser_proxy.hpp"

namespace footbridge::web {

inline constexpr std::uint32_t kAbiVersion = 5;

enum class Call : std::uint8_t {
  Start = 1,      // u8 flags | u8 form | self-tag 16 | key 32 | u8 count, relay… | u8 count, way… ; see kStartFlags
  SetPeople,      // u8 people
  Stop,           //
  Answered,       // u64 post | blob
  Failed,         // u64 post
  AnswerMade,     // slot | text
  AnswerFailed,   // slot
  LinkOpen,       // slot
  LinkClosed,     // slot | u8 PipeEnd
  LegOpen,        // slot
  LegClosed,      // slot | u8 PipeEnd
  Carried,        // slot | u64 bytes from the client | u64 bytes to it
  Time,           //
  NetworkChange,  //
  SetLimits,   // u64 bytes per day | u64 per month | u8 count, (u8 days | u16 from | u16 until)…; all ones: no limit
  Restore,     // blob; after Start before all others, and again while it is off
  SetNetwork,  // u8 PageNetwork
};

// Of Start: bits of its flags. A way is u8 keys, and unless that is kPlain, the network's secret 32 and that many keys:
// 32 | u64 from | u64 until.
inline constexpr std::uint8_t kAllowPrivateEgress = 1;
inline constexpr std::uint8_t kAllowPrivateCandidates = 2;
inline constexpr std::uint8_t kHasInvite = 4;  // its id, 16 bytes, follows the ways
inline constexpr std::uint8_t kWasWarned = 8;
inline constexpr std::uint8_t kPlain = 255;

enum class Record : std::uint8_t {
  Post = 1,    // u64 post | u8 way | blob
  Cut,         // u64 post
  MakeAnswer,  // slot | text
  DialLeg,     // slot | text
  StartRelay,  // slot
  SendOnLink,  // slot | blob
  CloseLink,   // slot | u8 PipeEnd
  CloseLeg,    // slot | u8 PipeEnd
  Deadline,    // u64 steady clock, microseconds, at which Time is to be called; all ones: never
  Status,      // its fields are below
  Keep,        // blob, for Restore
};

// Status: u8 on | u8 heard | u8 people | u8 standby | u8 Pause | u8 record lost | u64 civil second at which the pause
// changes; all ones: it does not | u64 people today | u64 ever | u64 bytes up today | u64 down today | u64 up ever |
// u64 down ever | u64 of this month, both ways | text | u8 count, (u16 country, Country::index() | u8 people helped now)…
inline constexpr std::size_t kStatusBytes = 70;  // before the text
inline constexpr std::uint64_t kNone = ~std::uint64_t{0};

class VolunteerCalls {
 public:
  explicit VolunteerCalls(Rng& rng) : rng_(rng) {}
  // Start comes first, and once.
  Bytes handle(ByteView call);

 private:
  Rng& rng_;
  std::optional<core::BrowserProxy> proxy_;
};

}  // namespace footbridge::web
