#include "core/network/personal_compartment.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "crypto/primitives.hpp"

namespace footbridge::core {
namespace {

using Weight = std::array<std::byte, 32>;

Bytes statement(std::string_view context, ByteView body) {
  auto out = to_bytes(context);
  append(out, body);
  return out;
}

Weight weight_of(const wire::CompartmentId& compartment, std::string_view broker) {
  auto whole = statement(kBrokerOrderContext, compartment.view());
  append(whole, as_bytes(broker));
  return crypto::blake2b<sizeof(Weight)>(whole);
}

}  // namespace

wire::CompartmentId compartment_of(const crypto::Ed25519PublicKey& key) {
  return {crypto::blake2b<wire::CompartmentId::kBytes>(statement(kCompartmentContext, key.view()))};
}

wire::Announcing sign_announcing(const crypto::Ed25519KeyPair& compartment_key, const wire::InviteId& invite) {
  wire::Announcing out;
  const auto& key = compartment_key.public_key();
  const auto signature = compartment_key.sign(statement(kAnnouncingContext, invite.view()));
  std::ranges::copy(signature.raw, std::ranges::copy(key.raw, out.raw.begin()).out);
  return out;
}

bool may_announce(const wire::Announcing& announcing, const wire::CompartmentId& compartment,
                  const wire::InviteId& invite) {
  const auto key = crypto::Ed25519PublicKey::from(announcing.view().first(crypto::Ed25519PublicKey::kBytes)).value();
  const auto signature =
      crypto::Ed25519Signature::from(announcing.view().last(crypto::Ed25519Signature::kBytes)).value();
  return compartment_of(key) == compartment &&
         crypto::ed25519_verify(key, statement(kAnnouncingContext, invite.view()), signature);
}

std::vector<std::size_t> broker_order(const wire::CompartmentId& compartment, std::span<const std::string> brokers) {
  std::vector<Weight> weights;
  weights.reserve(brokers.size());
  for (const auto& name : brokers) weights.push_back(weight_of(compartment, name));
  std::vector<std::size_t> order(brokers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Names differ, and so do their hashes.
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return weights[b] < weights[a]; });
  return order;
}

}  // namespace footbridge::core
