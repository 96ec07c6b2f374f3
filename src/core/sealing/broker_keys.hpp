// The static keys under which a broker takes first messages: the current one, the one before it, which askers with a
// directory of yesterday still use, and shortly before its time the next, for askers whose clock is ahead. A key is
// wiped kCurrentFor and kOverlap after it begins: whoever steals it reads the first messages of those two days and no
// others. Making, publishing and storing keys, and when to use the next, is the caller's business. One thread.
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
  static constexpr std::size_t kMostKeys = 3;    // SEAL-B9: each costs who says nonsense, and us, a key agreement

  // Becomes the current one. The oldest of more than kMostKeys is wiped.
  void add(const crypto::X25519KeyPair& key, UnixSeconds made);
  // Wipes what is older than kCurrentFor and kOverlap.
  void forget_old(UnixSeconds now);

  // Newest first.
  std::span<const crypto::X25519KeyPair> usable() const { return keys_; }

 private:
  std::vector<crypto::X25519KeyPair> keys_;
  std::vector<UnixSeconds> made_;  // of each
};

}  // namespace footbridge::core
