// What an egress asks before it lets a relay leg in: is the token ours, in time, and not used before? And then of the
// client that comes on that leg, before anything is relayed: is its ticket ours, in time, of this run of the egress,
// and for the match that the leg's token named? Each leg redeems one ticket, once. Remembers the match id of each
// admitted token until it could no longer be opened; holds at most kMaxTokens and then refuses (a full table must not
// forget). Whether a token is in time is for the wall clock to say, how long to remember it for the steady one: a wall
// clock that is set must neither empty the table nor leave it full for a day. Single use holds for the life of this
// object: workers that share a key share the guard, or each asks only for its own shards. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/leg_token.hpp"
#include "crypto/ticket.hpp"
#include "wire/session_control.hpp"

namespace footbridge::core {

// Every refusal is answered to the peer in the same way: as an unknown URL.
enum class LegRefusal : std::uint8_t { Forged, Version, Expired, TooFarAhead, Used, Full };
std::string_view name(LegRefusal refusal);

// OtherMatch: of another client's match, or another proxy's. OtherBoot: sealed for an earlier run of this egress. Used:
// the leg has redeemed its ticket, or is forgotten.
enum class TicketRefusal : std::uint8_t { Forged, Version, Expired, TooFarAhead, OtherMatch, OtherBoot, Used };
std::string_view name(TicketRefusal refusal);
// What the client hears. OtherBoot is EgressRestarted, of which the path's handshake makes what is so for a session.
wire::RefusalCode refusal_code(TicketRefusal refusal);

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

  // The current key first, then the one it replaced, if any. `boot`: of this run.
  explicit LegTokenGuard(std::vector<crypto::SecretKey> keys, const wire::BootEpoch& boot = {}) : boot_(boot) {
    replace_keys(std::move(keys));
  }

  // Of the last path segment of a relay URL.
  Result<LegGrant, LegRefusal> admit(TimePoint now, UnixSeconds unix_now, std::string_view segment);
  // Of the datagram with which a UDP leg begins (spec 08).
  Result<LegGrant, LegRefusal> admit_bytes(TimePoint now, UnixSeconds unix_now, ByteView sealed);
  // The same without using the token up: whoever showed it may have made up his address.
  Result<LegGrant, LegRefusal> look(TimePoint now, UnixSeconds unix_now, ByteView sealed);
  void replace_keys(std::vector<crypto::SecretKey> keys);

  // Of a client that came on the leg of `match`: the ticket at the beginning of what its HELLO or JOIN is admitted by.
  Result<crypto::Ticket, TicketRefusal> redeem(TimePoint now, UnixSeconds unix_now, const MatchId& match,
                                               ByteView admission);

  std::size_t remembered() const { return used_.size(); }

 private:
  void forget_old(TimePoint now);

  enum class Used : std::uint8_t { ByLeg, ByClientToo };
  std::vector<crypto::SecretKey> keys_;
  std::vector<crypto::SecretKey> ticket_keys_;  // made of them
  wire::BootEpoch boot_;
  std::unordered_map<MatchId, Used> used_;               // ids drawn by the broker, sealed: not peer-chosen
  std::deque<std::pair<TimePoint, MatchId>> forget_at_;  // of each used one, in order
};

}  // namespace footbridge::core
