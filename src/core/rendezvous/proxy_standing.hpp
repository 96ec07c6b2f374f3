// What a broker thinks of a proxy when it polls: how soon it is chosen, and how many clients it may have at once.
#pragma once

#include <cstdint>

namespace footbridge::core {

// In the order in which clients who have nobody yet get them. Who has a path tries the New ones first: they have to
// show what they can, and it costs him nothing when they cannot.
enum class ProxyTier : std::uint8_t {
  Proven,     // has carried, and mostly does
  Promising,  // nobody says that it carried, but links through it opened, and their clients did not come back
  New,        // has never carried, or so long ago that nobody knows any more
  Poor,       // fails more often than not
};

struct ProxyStanding {
  ProxyTier tier = ProxyTier::New;
  std::uint32_t slots = 0;  // of those it offers, how many may be sold now
};

}  // namespace footbridge::core
