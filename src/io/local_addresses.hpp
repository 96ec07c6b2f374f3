// Which of this machine's addresses our packets may carry, where the user says so (--bind-address, and tor's
// OutboundBindAddressPT). With one family named, the other is not used at all: it would be another way out.
// Thread: any.
#pragma once

#include <optional>

#include "base/address.hpp"
#include "base/private.hpp"

namespace footbridge::io {

struct LocalAddresses {
  std::optional<Private<IpAddress>> v4;
  std::optional<Private<IpAddress>> v6;

  bool any() const { return !v4 && !v6; }  // nothing named: the system chooses
  bool admits(Family family) const { return any() || (family == Family::V4 ? v4 : v6).has_value(); }
  // The system lets us send from what is named, now.
  bool are_ours() const;
  // What to bind before a packet goes to an address of this family; nullopt: nothing.
  std::optional<IpAddress> towards(Family family) const {
    const auto& own = family == Family::V4 ? v4 : v6;
    return own ? std::optional(own->reveal_to_socket()) : std::nullopt;
  }
};

}  // namespace footbridge::io
