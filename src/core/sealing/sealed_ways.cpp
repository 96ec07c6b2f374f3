#include "core/sealing/sealed_ways.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "core/network/directory_use.hpp"

namespace footbridge::core {

SealedWays::SealedWays(std::vector<WaySeal> seals, std::optional<crypto::X25519KeyPair> proxy)
    : seals_(std::move(seals)), proxy_(std::move(proxy)) {}

bool SealedWays::same_broker(std::size_t way, std::size_t other) const {
  const auto& keys = seals_.at(way).keys;
  const auto& others = seals_.at(other).keys;
  return way == other || (!keys.empty() && !others.empty() && keys.front().x25519 == others.front().x25519);
}

void SealedWays::replace(std::vector<WaySeal> seals) {
  seals_ = std::move(seals);
  const auto named = [this](const Key& key) {
    return std::ranges::any_of(seals_, [&](const WaySeal& seal) {
      return std::ranges::any_of(seal.keys, [&](const wire::BrokerKey& each) { return each.x25519.raw == key.raw; });
    });
  };
  std::erase_if(askers_, [&](const auto& entry) { return !named(entry.first); });
}

void SealedWays::forget_tickets() {
  for (auto& [key, asker] : askers_) asker->forget_tickets();
}

Result<SealedWays::Sealed, SealErrc> SealedWays::seal(UnixSeconds now, std::size_t way, ByteView body, Rng& rng) {
  const auto& seal = seals_.at(way);
  const auto* key = broker_key_at(seal.keys, clock_.corrected(now));
  if (key == nullptr) return SealErrc::Refused;
  const Key broker{key->x25519.raw};
  auto& asker = askers_[broker];
  if (!asker) asker = std::make_shared<SealedAsker>(seal.obfuscation, broker, proxy_);  // owners: see Sealed
  auto sealed = asker->seal(now, clock_.offset(), body, rng);
  if (!sealed) return SealErrc::Refused;
  return Sealed(std::move(*sealed), asker);
}

Result<Bytes, SealErrc> SealedWays::opened(UnixSeconds now, Sealed request, ByteView answer) {
  auto body = request.asker_->open(now, std::move(request.answer_), answer);
  if (!body) refused(request);
  return body;
}

}  // namespace footbridge::core
