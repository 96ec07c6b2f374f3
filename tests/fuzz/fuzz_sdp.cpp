// Descriptions from strangers: parsing never crashes, and what was accepted survives being written and read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "wire/ice_candidate_filter.hpp"
#include "wire/sdp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  auto parsed = wire::parse_sdp({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  FB_ASSERT(parsed->candidates.size() <= wire::kMaxParsedCandidates);
  FB_ASSERT(wire::filter_candidates(parsed->candidates, {}).usable.size() <= wire::kMaxUsedCandidates);
  auto again = wire::parse_sdp(wire::encode_sdp(*parsed, 1));
  FB_ASSERT(again.ok());
  again->candidates_skipped = parsed->candidates_skipped;
  FB_ASSERT(*again == *parsed);
  return 0;
}
