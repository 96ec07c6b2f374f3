#include "crypto/shared_keys.hpp"

#include <string_view>

#include "crypto/primitives.hpp"

namespace footbridge::crypto {
namespace {

SecretKey derived(const SecretKey& shared, std::string_view use) {
  return SecretKey::made_by([&](ByteSpan out) { blake2b(out, as_bytes(use), shared.reveal_to_primitive()); });
}

}  // namespace

SecretKey ticket_key(const SecretKey& shared) { return derived(shared, "footbridge ticket key"); }
SecretKey heartbeat_key(const SecretKey& shared) { return derived(shared, "footbridge heartbeat key"); }

}  // namespace footbridge::crypto
