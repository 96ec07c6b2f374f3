#include "core/limits/person_marks.hpp"

#include "base/byte_reader.hpp"
#include "crypto/primitives.hpp"
#include "wire/ice_candidate_filter.hpp"
#include "wire/sdp.hpp"

namespace footbridge::core {

static_assert(kMaxMarks >= wire::kMaxUsedCandidates);

std::vector<PersonMark> person_marks(const Private<std::string>& offer, const crypto::SecretKey& key) {
  constexpr std::size_t kSubnetBytes = 8;
  std::vector<PersonMark> out;
  const auto description = wire::parse_sdp(offer.reveal_to_socket());
  if (!description) return out;
  for (const auto& candidate : wire::filter_candidates(description->candidates, {}).usable) {
    const auto& address = candidate.endpoint.reveal_to_socket().address;
    const auto told = address.is_v4() ? address.view() : address.view().first(kSubnetBytes);
    const auto hash = crypto::blake2b<sizeof(PersonMark)>(told, key.reveal_to_primitive());
    out.push_back(*ByteReader(hash).u64());
  }
  return out;
}

}  // namespace footbridge::core
