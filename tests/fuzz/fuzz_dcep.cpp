// The first message on a data channel: parsing never crashes, and what was accepted survives being written and read.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "wire/dcep.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const auto parsed = wire::parse_dcep_open(as_bytes(data, size));
  if (!parsed) return 0;
  const auto again = wire::parse_dcep_open(wire::encode_dcep_open(*parsed));
  FB_ASSERT(again.ok() && *again == *parsed);
  return 0;
}
