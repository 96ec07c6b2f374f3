// What a router, or somebody in its place, says on port 5351: nothing read beyond its end, and a grant says the same
// when it is asked for again.
#include <cstdint>

#include "base/assert.hpp"
#include "wire/port_control.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const auto read = wire::parse_port_control(as_bytes(data, size));
  if (!read) return 0;
  FB_ASSERT(size >= 8 && size <= wire::kMaxPortControlBytes);
  if (const auto* mapped = std::get_if<wire::PcpMapped>(&*read)) {
    wire::PcpMap again;
    again.nonce = mapped->nonce;
    again.client = Private(IpAddress::v4(0));
    again.internal_port = mapped->internal_port;
    again.external = mapped->external;
    again.lifetime_s = mapped->lifetime_s;
    auto bytes = wire::encode_pcp_map(again);
    FB_ASSERT(bytes.size() == 60);
    bytes[1] = std::byte{0x81};  // as a response
    const auto echoed = wire::parse_port_control(bytes);
    FB_ASSERT(echoed && std::holds_alternative<wire::PcpMapped>(*echoed));
    const auto& twice = std::get<wire::PcpMapped>(*echoed);
    FB_ASSERT(twice.external == mapped->external && twice.nonce == mapped->nonce);
    FB_ASSERT(twice.internal_port == mapped->internal_port && twice.lifetime_s == mapped->lifetime_s);
  }
  return 0;
}
