#include "programs/egress_names.hpp"

#include <utility>

#include "crypto/primitives.hpp"

namespace footbridge {

std::string relay_root(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

wire::EgressId egress_name_by_pin(ByteView pin) {
  return wire::EgressId::from(pin.first(wire::EgressId::kBytes)).value();
}

wire::EgressId egress_name_by_relay(std::string_view url) {
  return egress_name_by_pin(crypto::blake2b<32>(as_bytes(relay_root(std::string(url)))));
}

}  // namespace footbridge
