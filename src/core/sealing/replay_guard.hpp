// What was said before is not heard again. A request counts only when its stamp lies within kWindow of the broker's
// clock, and once: its tag is kept until its stamp lies outside for good. Exact: nothing said twice gets by, and of
// honest requests one in 10^12 is refused wrongly (two of 2.75 million tags of 64 bits are the same).
//
// Two tables, each for the stamps of kSpan. The window never touches a third span, so the table of the one before is
// free when a stamp of the one after next comes in; a stamp whose table has moved on is refused. So a clock that goes
// back opens nothing: until it has caught up requests are refused (blocked() says so), and a full table refuses too.
//
// look and remember are two calls, because what is between them is dear and may refuse. That is safe as long as nothing
// else happens between them: one object, one thread, no waiting in between. SealedBroker::open is that one call.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/sealing/replay_table.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::core {

class ReplayGuard {
 public:
  // SEAL-T1: askers' clocks that are a minute or two wrong, and a slow front.
  static constexpr Seconds kWindow{120};
  // SEAL-T2: twice the window. A stamp at its end is refused from kWindow later on, when the next but one begins to
  // count.
  static constexpr Seconds kSpan{240};

  enum class Verdict : std::uint8_t { Fresh, Stale, Replayed };

  // `rng` draws the key of the tags.
  explicit ReplayGuard(Rng& rng, std::size_t most_slots = ReplayTable::kMostSlots);

  // `name`: what is never the same in two requests.
  Verdict look(UnixSeconds now, UnixSeconds stamp, ByteView name) const;
  // What look has just called Fresh. False: full, and to be refused.
  [[nodiscard]] bool remember(UnixSeconds stamp, ByteView name);

  // The clock went back so far that what is said now was forgotten before. Time heals it, or a new process.
  bool blocked(UnixSeconds now) const;
  std::size_t bytes() const { return spans_[0].tags.bytes() + spans_[1].tags.bytes(); }

 private:
  struct Span {
    std::uint64_t number = 0;  // of a stamp: its seconds by those of kSpan
    ReplayTable tags;
  };
  static std::uint64_t span_of(UnixSeconds stamp);
  ReplayTable::Tag tag_of(ByteView name) const;

  crypto::SecretKey key_;
  std::array<Span, 2> spans_;  // even numbers, odd numbers
};

}  // namespace footbridge::core
