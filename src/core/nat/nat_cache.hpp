// NatCache: what was found out about the networks this machine was in lately, so that coming back needs one question
// instead of all. A network is known by a keyed hash of our addresses there, inside and outside: the key is drawn anew
// by each process and never leaves it, so the memory of this names nobody's network.
//
// Bounds: kMaxNatNetworks; the oldest is forgotten, and each after NAT-T5. Thread: one.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/nat/nat_report.hpp"

namespace footbridge::core {

inline constexpr std::size_t kMaxNatNetworks = 8;       // NAT-B4: home, work, the phone, and some cafés
inline constexpr Seconds kNatReportLife{6 * 3600};      // NAT-T5: routers are seldom reconfigured
inline constexpr std::size_t kNatNetworkKeyBytes = 16;  // no two networks of one process collide

using NatNetworkKey = std::array<std::byte, kNatNetworkKeyBytes>;

class NatCache {
 public:
  explicit NatCache(Rng& rng) : secret_(rng.array<kSecretBytes>()) {}

  NatNetworkKey key_of(std::vector<IpAddress> own, const IpAddress& outside) const;
  // nullopt: not known, or too long ago.
  std::optional<NatReport> find(TimePoint now, const NatNetworkKey& key) const;
  void keep(TimePoint now, const NatNetworkKey& key, const NatReport& report);
  std::size_t size() const { return known_.size(); }

 private:
  static constexpr std::size_t kSecretBytes = 32;
  struct Known {
    NatNetworkKey key;
    NatReport report;
    TimePoint until;
  };
  std::array<std::byte, kSecretBytes> secret_;
  std::vector<Known> known_;  // the oldest first
};

}  // namespace footbridge::core
