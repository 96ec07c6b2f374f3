// RelayAllowList: which relay URLs a proxy dials. Exactly those of its configuration or directory, whatever a broker
// says; of these, without allow_private_egress, only wss:// and never an address literal or a name of this machine that
// is not the public internet. What a name resolves to is checked by the dialler (DialLeg::allow_private).
// Immutable; may be shared by threads.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/private.hpp"

namespace footbridge::core {

class RelayAllowList {
 public:
  RelayAllowList(const std::vector<std::string>& urls, bool allow_private_egress);

  // The URL to dial, with the token as its last path segment; nullopt: not one we dial.
  std::optional<Private<std::string>> dial_url(const Private<std::string>& relay_url,
                                               const Private<Bytes>& leg_token) const;
  bool allows_private() const { return allow_private_; }
  std::size_t size() const { return urls_.size(); }

 private:
  std::set<std::string> urls_;  // only those that may be dialled at all
  bool allow_private_;
};

}  // namespace footbridge::core
