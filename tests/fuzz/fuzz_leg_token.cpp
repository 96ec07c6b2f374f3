// What stands in a leg's URL: only a token that was sealed under the egress's key opens it, in its time and once. The
// input is either a segment as it is, or changes to a genuine one.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/rendezvous/leg_token_guard.hpp"
#include "deeds.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  constexpr UnixSeconds kNow{1'800'000'000};
  static SeededRng rng(1);
  static const auto key = crypto::SecretKey::random(rng);
  static const Bytes genuine =
      crypto::seal_leg_token({MatchId::random(rng), 7, UnixSeconds{count(kNow) + 60}}, key, rng);
  fuzz::Deeds deeds(as_bytes(data, size));
  core::LegTokenGuard guard({key});
  if (deeds.one_in(2)) {
    const auto text = as_text(deeds.rest());
    const auto bytes = crypto::parse_leg_token_segment(text);
    if (bytes.ok()) FB_ASSERT(crypto::leg_token_segment(*bytes) == text && bytes->size() == crypto::kLegTokenBytes);
    FB_ASSERT(!guard.admit(TimePoint{}, kNow, text).ok() || bytes.ok());
    return 0;
  }
  auto changed = genuine;
  const auto shift = static_cast<std::int64_t>(deeds.byte()) - 128;  // of the egress's clock
  while (!deeds.empty()) changed[deeds.below(changed.size())] ^= static_cast<std::byte>(deeds.byte());
  const UnixSeconds now{count(kNow) + static_cast<std::uint64_t>(shift)};
  const auto admitted = guard.admit_bytes(TimePoint{}, now, changed);
  FB_ASSERT(!admitted.ok() || changed == genuine);
  if (admitted.ok()) FB_ASSERT(guard.admit_bytes(TimePoint{}, now, changed).error() == core::LegRefusal::Used);
  return 0;
}
