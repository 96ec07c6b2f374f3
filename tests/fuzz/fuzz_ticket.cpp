// What a client shows to be let in: only a ticket that was sealed for the leg it came on, in its time, in this run and
// once. The input is either an admission as it is, or changes to a genuine one.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/rendezvous/leg_token_guard.hpp"
#include "crypto/shared_keys.hpp"
#include "deeds.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  constexpr UnixSeconds kNow{1'800'000'000};
  static SeededRng rng(1);
  static const auto key = crypto::SecretKey::random(rng);
  static const auto boot = wire::BootEpoch::random(rng);
  static const auto match = MatchId::random(rng);
  static const auto leg = crypto::seal_leg_token({match, 7, UnixSeconds{count(kNow) + 60}}, key, rng);
  static const auto genuine = crypto::seal_ticket({match,
                                                   crypto::proxy_mark(ProxyId::random(rng)),
                                                   {},
                                                   crypto::PrefixClass::V4,
                                                   boot,
                                                   UnixSeconds{count(kNow) + crypto::kTicketLifetimeSeconds}},
                                                  crypto::ticket_key(key), rng);
  fuzz::Deeds deeds(as_bytes(data, size));
  core::LegTokenGuard guard({key}, boot);
  const bool leg_came = !deeds.one_in(8);
  if (leg_came) FB_ASSERT(guard.admit_bytes(TimePoint{}, kNow, leg).ok());
  if (deeds.one_in(2)) {
    FB_ASSERT(!guard.redeem(TimePoint{}, kNow, match, deeds.rest()).ok());
    return 0;
  }
  auto changed = genuine;
  const auto shift = static_cast<std::int64_t>(deeds.byte()) - 128;  // of the egress's clock
  while (!deeds.empty()) changed[deeds.below(changed.size())] ^= static_cast<std::byte>(deeds.byte());
  const UnixSeconds now{count(kNow) + static_cast<std::uint64_t>(shift)};
  const auto redeemed = guard.redeem(TimePoint{}, now, match, changed);
  FB_ASSERT(!redeemed.ok() || (changed == genuine && leg_came && redeemed->match == match));
  if (redeemed.ok()) FB_ASSERT(guard.redeem(TimePoint{}, now, match, changed).error() == core::TicketRefusal::Used);
  return 0;
}
