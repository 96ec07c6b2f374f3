// broker-invites.toml: what a network's brokers have to know of its invites. The operator's folder writes it, and it is
// copied to each broker beside the broker's keys. It names nobody, and no invite can be made from it: of each it has a
// hash, an end, uses, and whether it was taken back. Mode 0600 all the same: it says how many people there are.
//
//   network = "0123456789abcdef"     # the first digits of the root
//   invites = "needed"               # or "open": nobody needs one
//   entries = 1                      # how many follow: a copy that was cut off is none
//   [[invite]]
//   mark = "…32 digits…"
//   until = 1800000000
//   uses = 1
//   tester = true                    # of the operator's tester only
//   revoked = false                  # the last of each, and never missing
#pragma once

#include <string>
#include <string_view>

#include "base/private.hpp"
#include "core/rendezvous/invite_desk.hpp"
#include "ops/values.hpp"

namespace footbridge {

inline constexpr std::string_view kInviteRulesFile = "broker-invites.toml";

struct NetworkRules {
  std::string network;  // 16 hexadecimal digits
  core::InviteRules rules;
};

// ops::UsageError with the place if it is not such a file; a file that says less than all is none.
NetworkRules parse_invite_rules(std::string_view text, const std::string& place);
NetworkRules read_invite_rules(std::string_view option, const ops::FilePath& file);
Private<std::string> invite_rules_text(const NetworkRules& rules);

}  // namespace footbridge
