// The walk over coalesced long-header packets that decides whether a datagram may be stretched. It reads our own
// packets only, but it reads lengths all the same.
#include "base/assert.hpp"
#include "quic/stretch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const auto datagram = as_bytes(data, size);
  if (!quic::may_be_followed(datagram)) return 0;
  // What may be followed is whole: with a byte missing it is not.
  FB_ASSERT(!quic::may_be_followed(datagram.first(size - 1)) || size == 0);
  return 0;
}
