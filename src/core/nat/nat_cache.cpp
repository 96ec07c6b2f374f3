#include "core/nat/nat_cache.hpp"

#include <algorithm>

#include "crypto/primitives.hpp"

namespace footbridge::core {

NatNetworkKey NatCache::key_of(std::vector<IpAddress> own, const IpAddress& outside) const {
  std::ranges::sort(own);
  own.push_back(outside);
  Bytes text;
  for (const auto& address : own) {
    text.push_back(static_cast<std::byte>(address.family()));  // so that lengths cannot be taken for each other
    append(text, address.view());
  }
  return crypto::blake2b<kNatNetworkKeyBytes>(text, secret_);
}

std::optional<NatReport> NatCache::find(TimePoint now, const NatNetworkKey& key) const {
  const auto found = std::ranges::find(known_, key, &Known::key);
  if (found == known_.end() || found->until <= now) return std::nullopt;
  return found->report;
}

void NatCache::keep(TimePoint now, const NatNetworkKey& key, const NatReport& report) {
  std::erase_if(known_, [&](const Known& known) { return known.key == key || known.until <= now; });
  if (known_.size() == kMaxNatNetworks) known_.erase(known_.begin());
  known_.push_back({key, report, now + kNatReportLife});
}

}  // namespace footbridge::core
