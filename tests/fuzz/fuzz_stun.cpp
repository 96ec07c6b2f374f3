// A datagram that looks like STUN: parsing never crashes, and what it says about the integrity lies within the message.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "wire/stun.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const auto message = as_bytes(data, size);
  const auto parsed = wire::parse_stun(message);
  if (!parsed) return 0;
  FB_ASSERT(wire::looks_like_stun(message));
  if (parsed->mac) FB_ASSERT(wire::stun_integrity_input(message, parsed->mac_at).size() == parsed->mac_at);
  return 0;
}
