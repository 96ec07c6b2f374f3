// DecoyHold: when the answer to a stranger leaves. It is a time drawn for that answer, counted from the last byte of
// the request, so that what the server did with the request meanwhile (looked for a page, tried to open a seal) does
// not show: it is shorter than the hold. Work that is longer shows, and then the answer leaves at once.
//
// A fixed time would hide as much, of one request. It is drawn because somebody could aim with a second connection:
// work for one delays the answers to others that are due just then, and what is due at a time nobody knows is seldom
// met. Bounds: what is held is what its connection has to send, so there is as much of it as there are connections.
#pragma once

#include "base/rng.hpp"
#include "base/time.hpp"

namespace footbridge::http {

inline constexpr Millis kDecoyHold{1};        // ten times what trying to open the longest body takes
inline constexpr Millis kDecoyHoldSpread{1};  // twenty times what one request can delay the answer to another

struct DecoyHold {
  Duration least = kDecoyHold;
  Duration spread = kDecoyHoldSpread;

  // Within [least, least + spread] after `arrived`, each nanosecond as likely as any other.
  TimePoint over(TimePoint arrived, Rng& rng) const {
    return arrived + least +
           Duration(static_cast<Duration::rep>(rng.between(0, static_cast<std::uint64_t>(spread.count()))));
  }
};

}  // namespace footbridge::http
