#include "core/browser/offer_filter.hpp"

#include "wire/ice_candidate_filter.hpp"
#include "wire/sdp.hpp"

namespace footbridge::core {

std::optional<Private<std::string>> usable_offer(const Private<std::string>& offer, bool allow_private, Rng& rng) {
  auto description = wire::parse_sdp(offer.reveal_to_socket());
  if (!description) return std::nullopt;
  const wire::CandidatePolicy policy{.allow_private = allow_private, .own_subnets = {}};
  description->candidates = wire::filter_candidates(description->candidates, policy).usable;
  return Private<std::string>(wire::encode_sdp(*description, rng.next_u64() >> 1));
}

}  // namespace footbridge::core
