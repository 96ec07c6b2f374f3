// One candidate from a stranger's description: what is read is written and read again the same, and the filter lets
// nothing through that is not a public address with an unprivileged port.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "wire/ice_candidate_filter.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const auto parsed = wire::parse_candidate(as_text(as_bytes(data, size)));
  if (!parsed) return 0;
  const auto again = wire::parse_candidate(wire::encode_candidate(*parsed));
  FB_ASSERT(again.ok() && *again == *parsed);
  const auto& endpoint = parsed->endpoint.reveal_to_socket();
  const auto filtered = wire::filter_candidates({*parsed}, {});
  FB_ASSERT(filtered.usable.size() + filtered.refused == 1);
  if (filtered.usable.empty()) return 0;
  FB_ASSERT(endpoint.port >= wire::kMinCandidatePort);
  FB_ASSERT(!endpoint.address.is_v4() || endpoint.address.v4_host_order() >> 24 != 10);
  FB_ASSERT(!endpoint.address.is_v4() || endpoint.address.v4_host_order() >> 24 != 127);
  return 0;
}
