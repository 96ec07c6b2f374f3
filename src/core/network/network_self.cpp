#include "core/network/network_self.hpp"

#include "crypto/primitives.hpp"

namespace footbridge::core {
namespace {

void derive(ByteSpan out, std::string_view context, const wire::RootKey& root, ByteView kept) {
  auto message = to_bytes(context);
  append(message, root.view());
  crypto::blake2b(out, message, kept);
}

}  // namespace

SelfTag self_tag_in(const wire::RootKey& root, const SelfTag& kept) {
  SelfTag out;
  derive(out.raw, kSelfTagContext, root, kept.view());
  return out;
}

crypto::X25519KeyPair proxy_key_in(const wire::RootKey& root, const crypto::X25519Secret& kept) {
  return crypto::X25519KeyPair::from(crypto::X25519Secret::made_by(
      [&](ByteSpan out) { derive(out, kProxyKeyContext, root, kept.reveal_to_primitive()); }));
}

}  // namespace footbridge::core
