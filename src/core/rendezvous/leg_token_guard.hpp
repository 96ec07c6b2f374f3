// What an egress asks before it lets a relay leg in: is the token ours, in time, and not used before?
// Remembers the match id of each admitted token until it could no longer be opened; holds at most kMaxTokens and then
// refuses (a full table must not forget). Whether a token is in time is for the wall clock to say, how long to remember
// it for the steady one: a wall clock that is set must neither empty the table nor leave it full for a day. Single use
// holds for the life of this object: workers that share a key share the guard, or each asks only for its own shards.
// One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/leg_token.hpp"

namespace footbridge::core {

// Every refusal is answered to the peer in the same way: as an unknown URL.
enum class LegRefusal : std::uint8_t { Forged, Version, Expired, TooFarAhead, Used, Full };
std::string_view name(LegRefusal refusal);

struct LegGrant {
  MatchId match;
  std::uint16_t shard = 0;
};

class LegTokenGuard {
 public:
  // TOK-B3: 875 new legs per second for as long as they are remembered; about 6 MiB.
  static constexpr std::size_t kMaxTokens = 70'000;
  // TOK-T3: from the earliest moment at which a token can be opened to the latest, the clocks' disagreement included.
  static constexpr Seconds kRememberFor{crypto::kLegTokenLifetimeSeconds + 2 * crypto::kLegTokenSkewSeconds};

  // The current key first, then the one it replaced, if any.
  explicit LegTokenGuard(std::vector<crypto::SecretKey> keys) : keys_(std::move(keys)) {}

  // Of the last path segment of a relay URL.
  Result<LegGrant, LegRefusal> admit(TimePoint now, UnixSeconds unix_now, std::string_view segment);
  // Of the datagram with which a UDP leg begins (spec 08).
  Result<LegGrant, LegRefusal> admit_bytes(TimePoint now, UnixSeconds unix_now, ByteView sealed);
  // The same without using the token up: whoever showed it may have made up his address.
  Result<LegGrant, LegRefusal> look(TimePoint now, UnixSeconds unix_now, ByteView sealed);
  void replace_keys(std::vector<crypto::SecretKey> keys) { keys_ = std::move(keys); }

  std::size_t remembered() const { return used_.size(); }

 private:
  void forget_old(TimePoint now);

  std::vector<crypto::SecretKey> keys_;
  std::unordered_set<MatchId> used_;                     // ids drawn by the broker, sealed: not peer-chosen
  std::deque<std::pair<TimePoint, MatchId>> forget_at_;  // of each used one, in order
};

}  // namespace footbridge::core
