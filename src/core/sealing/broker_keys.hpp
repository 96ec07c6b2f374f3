// The static keys under which a broker takes first messages: the current one, and the one before it, which askers with
// a directory of yesterday still use. A key is replaced after kCurrentFor and wiped kOverlap later: whoever steals it
// reads the first messages of those two days and no others. Making keys, publishing and storing them is the caller's
// business; a key is added before the directory that names it is out. One thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "crypto/x25519.hpp"

namespace footbridge::core {

class BrokerKeys {
 public:
  static constexpr Seconds kCurrentFor{86'400};  // SEAL-T6: what a thief of the key gets is a day
  static constexpr Seconds kOverlap{86'400};     // SEAL-T7: directories are refreshed within it
  static constexpr std::size_t kMostKeys = 2;    // SEAL-B9: each costs who says nonsense, and us, a key agreement

  // Becomes the current one. The oldest of more than kMostKeys is wiped.
  void add(const crypto::X25519KeyPair& key, UnixSeconds made);
  // Wipes what is older than kCurrentFor and kOverlap.
  void forget_old(UnixSeconds now);
  // Time for another one.
  bool is_due(UnixSeconds now) const;

  // Newest first.
  std::span<const crypto::X25519KeyPair> usable() const { return keys_; }

 private:
  std::vector<crypto::X25519KeyPair> keys_;
  std::vector<UnixSeconds> made_;  // of each
};

}  // namespace footbridge::core
