#include "core/netstate/egress_name.hpp"

#include "crypto/primitives.hpp"

namespace footbridge::core {

wire::EgressName egress_name(const NetstateSalt& salt, const wire::SpkiSha256& pin) {
  auto message = to_bytes(kEgressNameContext);
  append(message, pin.view());
  return {crypto::blake2b<wire::EgressName::kBytes>(message, salt.reveal_to_primitive())};
}

}  // namespace footbridge::core
