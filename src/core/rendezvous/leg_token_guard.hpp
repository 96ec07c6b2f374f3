// What an egress asks before it lets a relay leg in: is the token ours, in time, and not used before?
// Remembers the match id of each admitted token until it could no longer be opened; holds at most kMaxTokens and then
// refuses (a full table must not forget). Single use holds for the life of this object: workers that share a key share
// the guard, or each asks only for its own shards. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <unordered_set>
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
  // TOK-B3: 1,000 new legs per second for the 70 s a token can live; about 6 MiB.
  static constexpr std::size_t kMaxTokens = 70'000;

  // The current key first, then the one it replaced, if any.
  explicit LegTokenGuard(std::vector<crypto::SecretKey> keys) : keys_(std::move(keys)) {}

  // Of the last path segment of a relay URL.
  Result<LegGrant, LegRefusal> admit(UnixSeconds unix_now, std::string_view segment);
  // Of the first datagram of a UDP leg.
  Result<LegGrant, LegRefusal> admit_bytes(UnixSeconds unix_now, ByteView sealed);
  void replace_keys(std::vector<crypto::SecretKey> keys) { keys_ = std::move(keys); }

  std::size_t remembered() const { return used_.size(); }

 private:
  void forget_expired(UnixSeconds unix_now);

  std::vector<crypto::SecretKey> keys_;
  std::unordered_set<MatchId> used_;                              // ids drawn by the broker, sealed: not peer-chosen
  std::map<std::uint64_t, std::vector<MatchId>> by_last_second_;  // the last second each could be opened
};

}  // namespace footbridge::core
